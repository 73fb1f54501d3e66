"""Hostile markup does nothing once it was sanitised; honest markup still says what it said."""

import json
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.html import ATTRIBUTES, TAGS, html_to_text, sanitise

ADDED = {"a": {"rel", "target"}, "img": {"data-blocked-src", "data-cid"}}
NEVER = {"src", "srcset", "style", "class", "id", "name", "action", "formaction", "background", "poster", "srcdoc"}
HARMLESS_LINK = re.compile(r"(https?://|mailto:|tel:)[^\s]+\Z", re.IGNORECASE)


class Faults(HTMLParser):
    """Whatever a browser could run, load or submit."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | ADDED.get(tag, set())
        if tag not in TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in allowed or name in NEVER or name.startswith("on"):
                self.found.append(f"{tag}[{name}]")
            if name == "href" and not HARMLESS_LINK.match(value):
                self.found.append(f"{tag} to {value!r}")
        if tag == "a" and ("rel", "noopener nofollow noreferrer") not in attrs:
            self.found.append("a link that tells where it comes from")

    def handle_comment(self, data):
        self.found.append("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def faults(html):
    parser = Faults()
    parser.feed(html)
    parser.close()
    return parser.found


def test_no_known_payload_does_anything(shared_data):
    payloads = json.loads((shared_data / "data" / "xss" / "payloads.json").read_text())["payloads"]

    hostile = {one["id"]: found for one in payloads if (found := faults(sanitise(one["payload"])))}

    assert len(payloads) > 3000
    assert hostile == {}


def test_no_known_payload_does_anything_inside_an_attribute_or_cut_short(shared_data):
    payloads = json.loads((shared_data / "data" / "xss" / "payloads.json").read_text())["payloads"]
    wraps = ('<p title="{}">', "<img alt='{}'>", "<table><td><{}", "<svg><style>{}</style>", "<math><mi>{}")

    hostile = [one["id"] for one in payloads for wrap in wraps if faults(sanitise(wrap.format(one["payload"])))]

    assert hostile == []


def test_known_payloads_become_text_without_a_tag_of_ours(shared_data):
    payloads = json.loads((shared_data / "data" / "xss" / "payloads.json").read_text())["payloads"]

    for one in payloads:
        assert "\x00" not in html_to_text(one["payload"])


pieces = st.sampled_from(
    ["<b>", "</b>", "<svg>", "<math>", "<style>", "<!--", "-->", "<img src=x onerror=a()>", "<a href='", "'>", '"',
     "<p", " title=", ">", "<mglyph>", "<table>", "<td>", "<noscript>", "<template>", "javascript:", "&lt;",
     "<![CDATA[", "]]>", "<script>", "</script>", "<form>", "\x00", "<select>", "<annotation-xml encoding=text/html>",
     "cid:", "//h/x"]
)  # fmt: skip


@given(st.lists(pieces, max_size=25).map("".join))
def test_no_mixture_of_pieces_does_anything(html):
    clean = sanitise(html)

    assert faults(clean) == []
    html_to_text(html)


@given(st.text())
def test_text_that_is_no_markup_stays(text):
    words = re.findall(r"[a-z]+", text)
    said = html_to_text(text.replace("&", "&amp;").replace("<", "&lt;"))

    assert re.findall(r"[a-z]+", said) == words


def test_keeps_what_mail_says():
    assert (
        sanitise('<p dir="rtl">a <b>b</b></p><ol start="3"><li>c</ol><table><tr><td colspan="2">d</table>')
        == '<p dir="rtl">a <b>b</b></p><ol start="3"><li>c</li></ol>'
        '<table><tbody><tr><td colspan="2">d</td></tr></tbody></table>'
    )


@pytest.mark.parametrize("href", ["https://a.example/?b=1&c=2", "HTTP://a.example", "mailto:a@b.example", "tel:+4930"])
def test_links_leave_no_trace(href):
    clean = sanitise(f"<a href='{href}' onclick=x style=y class=z>a</a>")

    assert f'href="{href.replace("&", "&amp;")}"' in clean
    assert 'rel="noopener nofollow noreferrer"' in clean
    assert 'target="_blank"' in clean
    assert faults(clean) == []


@pytest.mark.parametrize(
    "href",
    ["javascript:a()", "data:text/html,x", "/tickets/7/close", "#x", "cid:x", "//h/x", "java\tscript:x", "file:///x"],
)
def test_other_links_lead_nowhere(href):
    assert "href" not in sanitise(f'<a href="{href}">a</a>')


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("https://t.example/p.gif?a&b", 'data-blocked-src="https://t.example/p.gif?a&amp;b"'),
        ("//t.example/p.gif", 'data-blocked-src="//t.example/p.gif"'),
        ("cid:part1@mail", 'data-cid="part1@mail"'),
        ("CID:part1@mail", 'data-cid="part1@mail"'),
    ],
)
def test_images_wait_to_be_asked_for(source, kept):
    assert sanitise(f'<img src="{source}" alt="logo &lt;img src=x&gt;" width="20">').count("src=") == 1 + (
        "blocked" in kept
    )
    assert kept in sanitise(f'<img alt="logo" src="{source}">')


@pytest.mark.parametrize("source", ["data:image/png;base64,AAAA", "javascript:x", "/admin/logout", "blob:x", "x.png"])
def test_other_images_have_no_address(source):
    assert sanitise(f'<img alt="a" src="{source}">') == '<img alt="a">'


def test_markup_cannot_bring_its_own_placeholders():
    assert sanitise('<img data-cid="x" data-blocked-src="http://x">') == "<img>"


def test_what_is_not_shown_is_not_said():
    assert html_to_text("<title>t</title><style>p{}</style><script>a()</script><!-- c --><p>shown") == "shown"


def test_says_paragraphs_lists_quotes_and_links():
    html = """<p>Dear  all,</p><p>one<br>two</p><ul><li>red</li><li>blue<ol><li>x</li><li>y</li></ol></li></ul>
      <blockquote><p>said</p><blockquote>before</blockquote></blockquote>
      <a href="https://a.example/">here</a> <a href="https://b.example">https://b.example</a>
      <a href="mailto:a@b.example">a@b.example</a><pre>  kept
    so</pre><table><tr><td>1</td><td>2</td></tr></table><img alt="logo">"""

    assert html_to_text(html) == (
        "Dear all,\n\none\ntwo\n\n- red\n- blue\n  1. x\n  2. y\n\n> said\n>\n> > before\n\n"
        "here <https://a.example/> https://b.example a@b.example\n\n  kept\n    so\n\n1\t2\n\n[logo]"
    )


HUGE = {
    "deep": "<div>" * 200_000,
    "adoption": "<i></b>" * 100_000,
    "formatting": "".join(f"<font size={n}><i lang=a{n}>" for n in range(20_000)) + "<p>" * 5000,
    "ampersands": "&" * 2_000_000,
    "references": "&a" * 1_000_000,
    "attributes": "<p " + " ".join(f"a{n}" for n in range(140_000)) + ">",
    "comments": "<!--" * 500_000,
    "quotations": "<blockquote>" * 7000 + "<br>x" * 7000,
    "lists": "<ul><li>" * 7000,
    "less": "<" * 2_000_000,
    "picture": "<img src='data:image/png;base64," + "A" * 5_000_000 + "'>tail",
}


@pytest.mark.parametrize("kind", HUGE)
def test_huge_markup_takes_bounded_time_and_room(kind):
    began = time.process_time()
    clean, said = sanitise(HUGE[kind]), html_to_text(HUGE[kind])

    assert time.process_time() - began < 60  # of a slow processor; what grows with the square takes many minutes
    assert faults(clean) == []
    assert len(said) < 3_000_000


def test_text_after_an_inlined_picture_or_too_many_tags_stays():
    assert html_to_text(HUGE["picture"]).endswith("tail")
    assert html_to_text("<b>a</b>" * 20_000 + "<script>").count("a") == 20_000
