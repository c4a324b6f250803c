"""Load plotly's script on the pages that have an interactive figure, and on no other."""

MARK = 'class="interactive-figure"'


def setup(app):
    app.connect("html-page-context", add_script)


def add_script(app, pagename, templatename, context, doctree):
    if MARK in context.get("body", ""):
        app.add_js_file("vendor/plotly.min.js", loading_method="defer")
