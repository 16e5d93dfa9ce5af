"""``canns lab``: the page in the browser."""

from typing import Annotated

import typer

__all__ = ["lab"]


def lab(
    host: Annotated[
        str, typer.Option(help="Address to listen at; any but this one lets others use the page.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 for one that is free.")
    ] = 8080,
    show: Annotated[
        bool, typer.Option("--show/--no-browser", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Explore memories, plasticity and data of your own on a page in the browser.

    Draw patterns, store and recall them, drag spikes, watch receptive fields grow. The page needs
    no network, and only this machine can reach it unless --host says otherwise.
    """
    from canns.lab import serve

    try:
        serve(host, port, show=show, say=lambda line: typer.echo(line))
    except KeyboardInterrupt:
        typer.echo("canns: the page is closed", err=True)
        raise typer.Exit(130) from None
