"""Repairs to the HTML that Jupyter Book's other extensions write."""

# docutils gives citations a role that ARIA has withdrawn, in a list that holds other things too.
UNFIT_ROLES = {
    ' role="doc-biblioentry"': "",
    ' role="list" class="citation-list"': ' class="citation-list"',
}


def setup(app):
    app.connect("config-inited", drop_thebe, priority=900)
    app.connect("builder-inited", share_html_handlers)
    app.connect("html-page-context", drop_unfit_roles)


def drop_thebe(app, config):
    """Unhook sphinx-thebe: off, it still puts an error and a script from a CDN on every page."""
    for name, listeners in app.events.listeners.items():
        app.events.listeners[name] = [
            listener
            for listener in listeners
            if not getattr(listener.handler, "__module__", "").startswith("sphinx_thebe")
        ]
    app.registry.css_files[:] = [
        (name, options) for name, options in app.registry.css_files if "thebe" not in name
    ]


def share_html_handlers(app):
    """Let `singlehtml` write every node that `html` can write."""
    handlers = app.registry.translation_handlers
    if "singlehtml" in handlers:
        handlers["singlehtml"] = handlers.get("html", {}) | handlers["singlehtml"]


def drop_unfit_roles(app, pagename, templatename, context, doctree):
    for unfit, instead in UNFIT_ROLES.items():
        context["body"] = context.get("body", "").replace(unfit, instead)
