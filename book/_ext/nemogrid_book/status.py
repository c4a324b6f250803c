"""The directive `page-status`: how long each page ran and how much memory it took."""

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from nemogrid_book.kernel import peak_mib

COLUMNS = ("Page", "Time to run [s]", "Peak memory [MiB]", "Result")


class PageStatus(nodes.General, nodes.Element):
    """Stands for the table until every page has run."""


class PageStatusDirective(SphinxDirective):
    """`{page-status}`: put the table here."""

    def run(self):
        return [PageStatus()]


class FillPageStatus(SphinxPostTransform):
    """Put the table of executed pages in the place of its stand-in."""

    default_priority = 8

    def run(self, **kwargs):
        for stand_in in list(self.document.findall(PageStatus)):
            stand_in.replace_self(self.table())

    def table(self):
        rows = list(self.rows())
        if not rows:
            return nodes.paragraph(text="No page of this build runs code.")
        total = sum(row[1] for row in rows)
        body = [self.written(*row) for row in rows]
        body.append((nodes.Text("All pages"), f"{total:.1f}", "", ""))
        return grid(COLUMNS, body)

    def rows(self):
        data = NbMetadataCollector.get_doc_data(self.env)
        order = list(self.env.toctree_includes)
        known = [name for name in in_reading_order(self.env) if name in data] or order
        for docname in known:
            ran = data[docname].get("exec_data")
            if ran:
                yield docname, ran["runtime"] or 0.0, peak_mib(self.app, docname), ran["succeeded"]

    def written(self, docname, seconds, peak, succeeded):
        title = self.env.titles[docname].astext()
        link = make_refnode(
            self.app.builder, self.env.docname, docname, "", nodes.inline(text=title)
        )
        memory = "not measured" if peak is None else f"{peak:.0f}"
        return link, f"{seconds:.1f}", memory, "passed" if succeeded else "failed"


def in_reading_order(env):
    """Return every page's name in the order of the table of contents."""
    seen, queue = [], [env.config.root_doc]
    while queue:
        name = queue.pop(0)
        if name not in seen:
            seen.append(name)
            queue = list(env.toctree_includes.get(name, ())) + queue
    return seen


def grid(header, rows):
    """Return a docutils table of nodes and texts."""
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=1) for _ in header]
    group += nodes.thead("", table_row(header))
    group += nodes.tbody("", *(table_row(row) for row in rows))
    return nodes.table("", group, classes=["colwidths-auto"])


def table_row(cells):
    row = nodes.row()
    for cell in cells:
        content = nodes.Text(cell) if isinstance(cell, str) else cell
        row += nodes.entry("", nodes.paragraph("", "", content))
    return row


def setup(app):
    app.add_node(PageStatus)
    app.add_directive("page-status", PageStatusDirective)
    app.add_post_transform(FillPageStatus)
    app.connect("env-updated", lambda app, env: status_pages(env))


def status_pages(env):
    """Return the pages to write again because another page ran."""
    return [name for name in env.found_docs if name.endswith("status")]
