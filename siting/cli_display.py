"""What the command line shows while a run goes on, and what it says at the end."""

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from tqdm import tqdm

from siting.display import percent, percent_up, whole
from siting.ledger import Finding, Lang, Text
from siting.locate.plans.effect import change_with_unit, main_measure
from siting.outputs.contract import RunLike
from siting.standards import Catalogue, explain_rule, rules_table


class Bars:
    """A progress bar a stage, for a terminal."""

    def __init__(self, lang: Lang) -> None:
        self._lang: Lang = lang
        self._bar: tqdm[Any] | None = None

    def stage(self, text: Text, steps: int = 1) -> None:
        """Begin a bar of ``steps`` steps."""
        self.close()
        layout = "{desc:<44} {bar:24} {n_fmt}/{total_fmt} {elapsed}"
        self._bar = tqdm(total=steps, desc=text.get(self._lang), file=sys.stderr, bar_format=layout, leave=True)

    def step(self, text: Text) -> None:  # noqa: ARG002 - a bar shows the count, not the name
        """Advance the bar by one."""
        if self._bar is not None:
            self._bar.update(1)

    def close(self) -> None:
        """Finish the bar."""
        if self._bar is not None:
            if self._bar.total and self._bar.n < self._bar.total:
                self._bar.update(self._bar.total - self._bar.n)
            self._bar.close()
            self._bar = None


class Lines:
    """One plain line a stage, for logs and pipes."""

    def __init__(self, lang: Lang, stream: TextIO | None = None) -> None:
        self._lang: Lang = lang
        self._stream = sys.stderr if stream is None else stream
        self._begun = time.perf_counter()

    def stage(self, text: Text, steps: int = 1) -> None:  # noqa: ARG002 - lines do not count steps
        """Print the stage with the seconds since the start."""
        print(f"[{time.perf_counter() - self._begun:6.1f} s] {text.get(self._lang)}", file=self._stream, flush=True)

    def step(self, text: Text) -> None:
        """Say nothing: a line a stage is enough."""

    def close(self) -> None:
        """Do nothing."""


def rules_text(catalogue: Catalogue, rule: str | None, wanted: Mapping[str, Any], lang: Lang) -> str:
    """One rule in full, or a table of those that fit what is wanted; then what must be known about rule packs."""
    if rule is not None:
        chosen = catalogue[rule]
        found = [f for f in catalogue.findings if chosen.id in f.ids]
        text = explain_rule(chosen, lang)
        if chosen.id in catalogue.replaced:
            text += "\n\n" + Text("被替换的国家规则：", "The national rule that it replaces:").get(lang) + "\n"
            text += explain_rule(catalogue.replaced[chosen.id], lang)
    else:
        rules = catalogue.select(**wanted)
        if not rules:
            return Text("没有符合条件的规则", "no rule fits").get(lang)
        found = [f for f in catalogue.findings if {one.id for one in rules} & set(f.ids)]
        text = rules_table(catalogue, lang=lang, rules=rules)
    return "\n".join([text, *(f"  ! {f.text.get(lang)}" for f in found)])


_VERDICT = {True: Text("达标", "met"), False: Text("未达标", "not met"), None: Text("不作判定", "no verdict")}


def closing_lines(run: RunLike, lang: Lang) -> list[str]:
    """Headline of every audit and plan, then the warnings."""
    lines = [*_audit_lines(run, lang), *_plan_lines(run, lang)]
    for theme in run.themes.values():
        lines += [f"  {theme.title.get(lang)}: {text.get(lang)}" for text in theme.headlines]
    warnings = list(warnings_of(run))
    if warnings:
        lines.append(Text(f"提示 {len(warnings)} 条：", f"{len(warnings)} warnings:").get(lang))
        lines += [f"  ! {where}: {finding.text.get(lang)}" for where, finding in warnings]
    return lines


def warnings_of(run: RunLike) -> list[tuple[str, Finding]]:
    """Every warning of the inputs and of the run, with the layer that it speaks of."""
    inputs = [(a.layer, f) for a in run.accounts for f in a.warnings]
    return inputs + [("run", f) for f in run.findings if f.kind == "warning"]


def _audit_lines(run: RunLike, lang: Lang) -> list[str]:
    lines = []
    for audit in run.audits.values():
        label = f"  {audit.name}  {audit.rule.name.get(lang)}"
        if not audit.judged:
            why = audit.reason.get(lang) if audit.reason else ""
            lines.append(f"{label}: {Text('未评估', 'not judged').get(lang)} ({why})")
            continue
        parts = []
        for denominator, word in (
            ("people", Text("人口", "people")),
            ("land", Text("居住用地", "land")),
            ("units", Text("单元", "units")),
        ):
            share = audit.headline(denominator)  # type: ignore[arg-type]
            if share is not None and share.share is not None:
                parts.append(f"{word.get(lang)} {percent(share.share)}")
        grade = audit.rule.confidence.text.get(lang)
        if audit.travel is not None and audit.limit_text is not None:
            grade = f"{grade}; {audit.limit_text.get(lang)}, {audit.travel.profile.name.get(lang)}"
        lines.append(f"{label}: {', '.join(parts)}; {_VERDICT[audit.passes].get(lang)} [{grade}]")
    return lines


def _plan_lines(run: RunLike, lang: Lang) -> list[str]:
    lines = []
    for plan in run.plans.values():
        result = plan.result
        text = Text(
            f"  {plan.name}: {len(plan.sites)} 个新选点，{result.status}，目标值 {result.objective:,.0f}，"
            f"界 {result.bound:,.0f}，间隙 {percent_up(result.gap)}",
            f"  {plan.name}: {len(plan.sites)} sites, {result.status}, objective {result.objective:,.0f}, "
            f"bound {result.bound:,.0f}, gap {percent_up(result.gap)}",
        ).get(lang)
        main = main_measure(plan)
        if main is not None:
            shown = change_with_unit(main)
            text += Text(f"；{main.name.zh} {shown.zh}", f"; {main.name.en} {shown.en}").get(lang).replace("→", "->")
        elif plan.people_before is not None and plan.people_after is not None:
            text += Text(
                f"；服务人口 {whole(plan.people_before)} → {whole(plan.people_after)}",
                f"; people served {whole(plan.people_before)} -> {whole(plan.people_after)}",
            ).get(lang)
        if plan.rule is not None:
            text += f" [{plan.rule.confidence.text.get(lang)}]"
        lines.append(text)
    return lines + [f"  {none.text.get(lang)}" for none in run.infeasible.values()]
