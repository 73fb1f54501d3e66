"""The translations as Django reads them, made of what people write; a machine need not have the gettext programs."""

from helpdesk.launch.install import ROOT


def compile_all() -> None:
    """Make every ``.mo`` that is missing or older than its ``.po``."""
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            import polib  # not there before the packages are

            draft = target.with_suffix(".mo.new")
            polib.pofile(str(source)).save_as_mofile(str(draft))
            draft.replace(target)


if __name__ == "__main__":
    compile_all()
