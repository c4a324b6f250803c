"""Repairs to the HTML that Jupyter Book's other extensions write."""


def setup(app):
    app.connect("config-inited", drop_thebe, priority=900)
    app.connect("builder-inited", share_html_handlers)


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
