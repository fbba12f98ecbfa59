"""The races of the matcher and of analyses: logs, images, texts, patterns, measurements and trade secrets
against what people use for them."""

from match import chart, interference, patterns, pdq, scan, secrets, text

CASES = {"scan": scan, "pdq": pdq, "text": text, "patterns": patterns, "interference": interference,
         "secrets": secrets}


def run(name, asked, binary, scratch):
    """Runs one case. Returns its Markdown, its raw numbers and its bars of the chart."""
    return CASES[name].run(asked, binary, scratch)


def draw(out, name, bars):
    """Puts one case's bars beside those of earlier runs and draws all."""
    chart.draw(chart.kept(out, name, bars))
