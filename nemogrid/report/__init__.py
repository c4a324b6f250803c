"""What is left of a simulated scenario on disk: tables, figures and a page that tells them."""

from nemogrid.report.files import FILES, new_folder, write_results
from nemogrid.report.page import kpi_table, write_report

__all__ = ["FILES", "kpi_table", "new_folder", "write_report", "write_results"]
