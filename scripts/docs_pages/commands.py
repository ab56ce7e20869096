"""The command line, as the program itself declares it."""

from typing import Any

import typer

from docs_pages.table import cell, code, table
from siting.cli import app

EXIT = """## 退出码 Exit codes

| | |
|---|---|
| 0 | 完成（是否达标不影响退出码） done; whether a standard is met never changes it |
| 1 | 输入或模型有问题：一条说清楚的消息 a problem of input or model: one clear message |
| 2 | 用法不对 wrong usage |
| 130 | 被中断，已有成果不受影响 interrupted; earlier results are untouched |

`SITING_DEBUG=1` 显示内部错误的出处 shows where an internal error happened.
"""


def page() -> str:
    """Return the page of all commands."""
    group: Any = typer.main.get_command(app)
    parts = ["# 命令 Commands\n", f"{group.help}\n"]
    for name, command in group.commands.items():
        given = [_name(p) for p in command.params if p.param_type_name == "argument"]
        parts += [f"## siting {name}\n", f"{cell(command.help)}\n"]
        parts.append(f"```text\n{' '.join(['siting', name, *given, '[OPTIONS]'])}\n```\n")
        rows = [_row(p) for p in command.params if p.name != "help"]
        parts.append(table(("参数 argument", "默认 default", "含义 meaning"), rows))
    return "\n".join([*parts, EXIT])


def names() -> list[str]:
    """Return the names of all commands."""
    group: Any = typer.main.get_command(app)
    return list(group.commands)


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return " / ".join([*parameter.opts, *parameter.secondary_opts])


def _row(parameter: Any) -> list[str]:
    default = parameter.default
    shown = "" if default in (None, False, "") or callable(default) else code(default)
    needed = "必填 required" if parameter.required else shown
    return [code(_name(parameter)), needed, cell(getattr(parameter, "help", ""))]
