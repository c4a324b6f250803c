"""Figures at twice the resolution of the screen they are usually read on."""

c = get_config()  # noqa: F821  (IPython provides it)
c.InlineBackend.figure_formats = {"png"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "dpi": 160}
c.HistoryManager.enabled = False
c.IPKernelApp.log_level = 40  # each kernel warns of its unencrypted loopback otherwise
