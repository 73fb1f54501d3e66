"""One style sheet and one script are served, whatever the number of files they are written in."""

import re
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile

from common.static_bundle import CSS_IMPORT, ENTRIES, JS_IMPORT, bundled
from helpdesk.static import HashedFiles

STATIC = Path(settings.BASE_DIR) / "static"


def read(name: str) -> str:
    if not (STATIC / name).exists():
        raise KeyError(name)
    return (STATIC / name).read_text()


def test_no_import_is_left_in_an_entry():
    for name in ENTRIES:
        text = bundled(name, read)
        assert not re.search(r"^\s*(@import|import\s)", text, re.M), name
        assert len(text) > len(read(name))


def test_every_component_and_module_is_listed():
    listed = set(CSS_IMPORT.findall(read("css/desk.css")))
    assert {f"components/{path.name}" for path in (STATIC / "css/components").glob("*.css")} <= listed

    assert set(JS_IMPORT.findall(read("js/desk.js"))) <= {path.name for path in (STATIC / "js").glob("*.js")}


def test_bundled_modules_share_no_names():
    files = {
        "js/desk.js": 'import "./a.js";\nimport "./b.js";\n',
        "js/a.js": "const words = 1;\n",
        "js/b.js": "const words = 2;\n",
    }

    assert bundled("js/desk.js", files.__getitem__) == "{\nconst words = 1;\n}\n{\nconst words = 2;\n}\n"


def test_what_several_import_by_name_stands_there_once():
    files = {
        "js/desk.js": 'import "./a.js";\nimport "./b/c.js";\n',
        "js/a.js": 'import { two } from "./shared.js";\ntwo();\n',
        "js/b/c.js": 'import { one, two } from "../shared.js";\none + two();\n',
        "js/shared.js": "export const one = 1;\nexport function two() { return one + one; }\n",
    }

    assert bundled("js/desk.js", files.__getitem__) == (
        "const js_shared_js = (() => {\n"
        "const one = 1;\nfunction two() { return one + one; }\nreturn { one, two };\n})();\n"
        "{\nconst { two } = js_shared_js;\ntwo();\n}\n"
        "{\nconst { one, two } = js_shared_js;\none + two();\n}\n"
    )


def test_a_font_from_another_folder_keeps_its_place_and_a_missing_one_is_left_out():
    files = {
        "css/desk.css": '@import url("../vendor/inter/index.css");\n@import url("../vendor/gone/400.css");\n',
        "vendor/inter/index.css": "@font-face { src: url(./files/a.woff2); }\n",
    }

    assert bundled("css/desk.css", files.__getitem__).strip() == (
        "@font-face { src: url(../vendor/inter/files/a.woff2); }"
    )


def test_colours_stand_in_the_tokens_alone():
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|!important")
    offenders = [
        f"{path.name}: {found[0]}"
        for path in (STATIC / "css").rglob("*.css")
        if path.name != "tokens.css" and (found := literal.search(path.read_text()))
    ]
    assert offenders == []


def test_no_template_has_inline_style_or_handler():
    inline = re.compile(r"\sstyle=|\son[a-z]+=\"", re.I)
    templates = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    # mails must carry their styles: mail programs know no style sheets
    offenders = [
        str(path) for path in templates if path.parent.name != "notifications" and inline.search(path.read_text())
    ]
    assert offenders == []


def test_collecting_writes_one_hashed_sheet(tmp_path):
    storage = HashedFiles(location=tmp_path, base_url="/static/")
    for name, text in {"css/desk.css": '@import url("a.css");\n', "css/a.css": "a { color: inherit; }\n"}.items():
        storage.save(name, ContentFile(text.encode()))

    done = {
        name: hashed
        for name, hashed, _ in storage.post_process({n: (storage, n) for n in ("css/desk.css", "css/a.css")})
    }

    assert (tmp_path / done["css/desk.css"]).read_text() == "a { color: inherit; }\n\n"
    assert done["css/desk.css"] != "css/desk.css"
