"""Keep napoleon from taking the first words of a property for its type."""


def setup(app):
    app.connect("autodoc-process-docstring", open_with_blank_line, priority=400)


def open_with_blank_line(app, what, name, obj, options, lines):
    if what == "property":
        lines.insert(0, "")
