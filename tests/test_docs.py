"""Docs stay true: links resolve, verbs exist, and the parts made from code are the code's."""

import argparse
import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from struct import calcsize

import pytest

from bridge.__main__ import VERBS, main
from bridge.control.addresses import TABLE as ASKED
from bridge.control.addresses import takes
from bridge.control.echo import TABLE as TOLD
from bridge.wire.engine_header import SCHEMA_HASH
from bridge.wire.engine_table import (
    ARRAYS,
    FLAGS,
    HEADER,
    MAGIC,
    MAJOR,
    MINOR,
    PAYLOADS,
    PIXELS,
    TYPES,
    Field,
    struct_format,
)

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("ue_plugin/*.md")]
)
MADE = re.compile(r"(<!-- made from (\S+) by `make docs` -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def stage_reference() -> str:
    """A table per kind of table of the stage file, from the structs' own annotations and docstrings."""
    trees = [
        ast.parse((ROOT / "bridge" / name).read_text()) for name in ("stage_walls.py", "stage_capture.py", "stage.py")
    ]
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef) and node.name != "Part"]
    return "\n".join(line for cls in classes for line in class_lines(cls))


def class_lines(cls: ast.ClassDef) -> Iterator[str]:
    yield f"### {cls.name}\n\n{ast.get_docstring(cls)}\n\n| key | type | default | meaning |\n|---|---|---|---|"
    for field, following in zip(cls.body, [*cls.body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign):
            default = ast.unparse(field.value) if field.value else "required"
            meaning = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                meaning = " ".join(str(following.value.value).split())
            kind = ast.unparse(field.annotation).replace("|", "\\|")
            yield f"| `{ast.unparse(field.target)}` | `{kind}` | `{default}` | {meaning} |"
    yield ""


def wire_reference() -> str:
    """The engine's wire: a table for the header, each payload, and the numbers of types and flags."""
    numbers = [f"Version {MAJOR}.{MINOR}, magic `{MAGIC.decode()}`, schema hash `{SCHEMA_HASH:#010x}`.\n"]
    pixels = {name: number for name, (number, _) in PIXELS.items()}
    for title, names in (("Types", TYPES), ("Flags", FLAGS), ("Pixels", pixels)):
        numbers.append(f"{title}: " + ", ".join(f"`{name}` {number}" for name, number in names.items()) + ".\n")
    rows = {"Header": HEADER, **{f"Payload of type {TYPES[kind]}, {kind}": fields for kind, fields in PAYLOADS.items()}}
    rows |= {f"Rows behind a {kind}: {of.name}": of.fields for kind, each in ARRAYS.items() for of in each}
    return "\n".join([*numbers, *(line for title, fields in rows.items() for line in field_lines(title, fields))])


def field_lines(title: str, fields: tuple[Field, ...]) -> Iterator[str]:
    yield f"### {title}\n\n| byte | field | type | meaning |\n|---:|---|---|---|"
    for index, field in enumerate(fields):
        kind = f"{field.kind}[{field.count}]" if field.count > 1 else field.kind
        yield f"| {calcsize(struct_format(fields[:index]))} | `{field.name}` | `{kind}` | {field.meaning} |"
    yield f"| {calcsize(struct_format(fields))} | end | | |\n"


def osc_reference() -> str:
    """Two tables: what a surface may ask, and what it hears."""
    asked = [f"| `{row.pattern}` | {takes(row)} | {row.to} | {row.help} |" for row in ASKED]
    told = [f"| `{row.pattern}` | `{row.tag}` | {row.most_hz} | {row.help} |" for row in TOLD]
    return "\n".join(
        [
            "### Asked\n\n| address | arguments | goes to | what it does |\n|---|---|---|---|",
            *asked,
            "\n### Heard\n\n| address | argument | at most, Hz | what it says |\n|---|---|---:|---|",
            *told,
            "",
        ]
    )


GENERATORS = {
    "bridge/stage.py": stage_reference,
    "bridge/wire/engine_table.py": wire_reference,
    "bridge/control/addresses.py": osc_reference,
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    broken = [target for target in targets if target and not (page.parent / target).exists()]
    assert not broken, f"{page.name} links to {broken}, which are not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_shown_exist(page: Path) -> None:
    shown = set(re.findall(r"(?:^|`)cyc ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert shown <= set(VERBS), f"{page.name} shows `cyc` verbs that do not exist: {shown - set(VERBS)}"


BLOCKS = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)


def shown_commands(page: Path) -> list[str]:
    """The lines of a page's code blocks that call `cyc`, continuations joined, comments and pipes cut off."""
    text = "\n".join(BLOCKS.findall(page.read_text())).replace("\\\n", " ")
    lines = [re.sub(r"(\s#|\s\||\s&&|\s>|;\s).*", "", line.strip()) for line in text.splitlines()]
    return [line for line in lines if re.match(r"cyc [a-z]", line) and not re.search(r"\[|\.\.\.", line)]


@pytest.mark.parametrize(
    "line", sorted({line for page in PAGES for line in shown_commands(page)}), ids=lambda line: line[4:60]
)
def test_commands_that_are_shown_are_understood(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every verb, noun and option in a code block is one; files need not be there."""
    _, verb, *words = shlex.split(line)
    door = importlib.import_module(VERBS[verb][0])
    parser = argparse.ArgumentParser(prog=f"cyc {verb}")
    door.add_arguments(parser)
    try:
        parser.parse_args(words)
    except SystemExit as ended:
        assert ended.code == 0, f"{line}: {capsys.readouterr().err}"


@pytest.mark.parametrize("page", [page for page in PAGES if MADE.search(page.read_text())], ids=lambda page: page.name)
def test_made_parts_are_what_the_code_says(page: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text()
    fresh = MADE.sub(lambda found: f"{found[1]}\n{GENERATORS[found[2]]()}\n{found[4]}", text)
    if request.config.getoption("--regenerate-docs"):
        page.write_text(fresh)
    assert page.read_text() == fresh, f"{page.name} is older than the code: make docs"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_helps_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "example" in shown
    assert f"cyc {verb}" in shown.split("example", 1)[1]
