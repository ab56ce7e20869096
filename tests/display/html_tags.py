"""HTML read back in tests."""

from html.parser import HTMLParser

VOID = {"br"}


class Tags(HTMLParser):
    """Every tag and style, and whether each is closed in order."""

    def __init__(self, source):
        super().__init__()
        self.open, self.seen, self.styles, self.text = [], [], [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.styles.append(dict(attrs).get("style", ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
