// Themes: what each found, and its layers.

function renderThemes(pane) {
  if (!page.data.themes.length) return pane.append(make("p", { class: "quiet" }, word("no_themes")));
  for (const theme of page.data.themes) {
    const chosen = page.selected?.id === theme.group, own = viewsIn(theme.group);
    const fold = make("details", { class: "theme", open: chosen || page.data.themes.length === 1 },
      make("summary", {}, say(theme.name)));
    fold.append(make("ul", { class: "plain headlines" }, theme.headlines.map((line) => make("li", {}, say(line)))));
    if (own.length) {
      fold.append(make("h3", {}, word("show_on_map")));
      fold.append(make("ul", { class: "cards" }, own.map((view) => {
        const on = chosen && page.on.has(view.id);
        const views = [view, ...own.filter((v) => view.over?.includes(v.id))];
        return make("li", {}, make("button", { type: "button", class: "choose", id: `view-${view.id}`, "aria-pressed": String(on),
          onclick: () => { choose("theme", theme.group, { views }); focusOn(`view-${view.id}`); } }, say(view.name)));
      })));
      const shown = own.find((view) => chosen && page.on.has(view.id));
      if (shown?.note) fold.append(make("p", { class: "quiet" }, say(shown.note)));
    }
    if (theme.missing.length) {
      fold.append(make("details", {}, make("summary", {}, `${word("not_judged")}${inBrackets(theme.missing.length)}`),
        make("ul", { class: "plain" }, theme.missing.map(([what, why]) =>
          make("li", {}, make("strong", {}, say(what)), make("p", { class: "quiet" }, say(why)))))));
    }
    if (theme.notes.length) {
      fold.append(make("details", {}, make("summary", {}, `${word("notes")}${inBrackets(theme.notes.length)}`),
        make("ul", { class: "plain" }, theme.notes.map((note) => make("li", { class: "quiet" }, say(note))))));
    }
    pane.append(fold);
  }
}
