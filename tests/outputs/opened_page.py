"""A page opened with the network cut: what it asks for and complains of is kept."""

import io
import math
from contextlib import contextmanager

import geopandas as gpd
from district import CRS, at
from PIL import Image

from siting.outputs.layers import result_layers
from siting.outputs.views import column_texts, views_of
from siting.outputs.web import write_page

LISTEN = """
window.refused = [];
document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective));
"""


def written(run, path, more_layers=None, more_views=()):
    layers = result_layers(run)[0] | (more_layers or {})
    views = (*more_views, *views_of(run, result_layers(run)[0]))
    write_page(path, run, layers, views, column_texts(run, layers))
    return path


@contextmanager
def opened(browser, path, width=1280, height=800):
    """Yield the page once it is drawn; afterwards nothing may have been asked for, refused or complained of."""
    context = browser.new_context(viewport={"width": width, "height": height})
    asked, said = [], []
    own = path.as_uri()

    def gate(route):
        if route.request.url == own:
            return route.continue_()
        asked.append(route.request.url)
        return route.abort()

    context.route("**/*", gate)
    context.set_offline(True)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(own)
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    yield page
    refused = page.evaluate("window.refused")
    context.close()
    assert (asked, refused, said) == ([], [], [])


def place(page, lon, lat):
    """Return where a place stands on the screen."""
    west, south, east, north = map(float, page.get_attribute("#map", "data-bounds").split(","))
    box = page.locator("#map").bounding_box()

    def up(degrees):
        return math.asinh(math.tan(math.radians(degrees)))

    x = box["x"] + box["width"] * (lon - west) / (east - west)
    y = box["y"] + box["height"] * (up(north) - up(lat)) / (up(north) - up(south))
    return x, y


def picture(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def colour_at(page, lon, lat):
    x, y = place(page, lon, lat)
    return "#{:02x}{:02x}{:02x}".format(*picture(page).getpixel((round(x), round(y))))


def colours_of(image, box=None):
    part = image if box is None else image.crop(box)
    return {f"#{r:02x}{g:02x}{b:02x}": n for n, (r, g, b) in part.getcolors(1 << 24)}


def degrees(point):
    found = gpd.GeoSeries([point], crs=CRS).to_crs("EPSG:4326").iloc[0]
    return found.x, found.y


def click_at(page, x, y):
    page.mouse.click(*place(page, *degrees(at(x, y))))


def popup(page):
    card = page.locator(".card")
    names, values = card.locator("dt").all_text_contents(), card.locator("dd").all_text_contents()
    return card.locator("h3").text_content(), dict(zip(names, values, strict=True))
