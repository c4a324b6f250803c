"""Run at the start of every chapter's kernel when the book is built."""


def _prepare(shell):
    import html
    import json
    import os
    from pathlib import Path

    formatters = shell.display_formatter.formatters

    def plain_number(number, printer, cycle):
        printer.text(repr(number.item()))

    # numpy's scalars say "np.float64(0.1)"; in a sentence they are numbers like all others.
    for kind in ("float64", "float32", "int64", "int32", "bool", "str_"):
        formatters["text/plain"].for_type_by_name("numpy", kind, plain_number)

    def decline(figure):
        raise NotImplementedError

    def as_data(figure, include=None, exclude=None):
        """Show a plotly figure as data, which the page's own script draws."""
        drawing = json.loads(figure.to_json())
        alt = drawing["layout"].get("meta", {}).get("alt")
        if not alt:
            raise ValueError('an interactive figure needs update_layout(meta={"alt": "..."})')
        drawing["layout"].pop("template", None)
        data = json.dumps(drawing).replace("</", "<\\/")
        page = (
            f'<div class="interactive-figure" role="group" aria-label="{html.escape(alt)}">'
            f'<div class="drawing"></div><script type="application/json">{data}</script></div>'
        )
        return {"text/html": page, "text/plain": alt}

    shell.display_formatter.ipython_display_formatter.for_type_by_name(
        "plotly.graph_objs._figure", "Figure", decline
    )
    shell.display_formatter.mimebundle_formatter.for_type_by_name(
        "plotly.graph_objs._figure", "Figure", as_data
    )

    page, peaks = os.environ.get("NEMOGRID_BOOK_PAGE"), os.environ.get("NEMOGRID_BOOK_PEAKS")
    status = Path("/proc/self/status")
    if not (page and peaks and status.exists()):
        return
    note = Path(peaks) / f"{page}.txt"
    note.parent.mkdir(parents=True, exist_ok=True)

    def note_peak(*_):
        """Write the kernel's peak resident memory [MiB]."""
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        note.write_text(str(float(line.split()[1]) / 1024))

    shell.events.register("post_run_cell", note_peak)


_prepare(get_ipython())  # noqa: F821  (IPython provides it)
del _prepare
