"""The console script: ``twistd localaik`` in the foreground, without a pid file."""

import sys


def main() -> None:
    """Run localaik with the options of the command line."""
    from twisted.python.usage import UsageError
    from twisted.scripts.twistd import run

    from localaik.tap import Options

    try:
        # twistd would print all of its help, and its own name.
        Options().read(sys.argv[1:])
    except UsageError as error:
        sys.exit(f"localaik: {error}")
    sys.argv[1:1] = ["--nodaemon", "--pidfile=", "localaik"]
    run()  # type: ignore[no-untyped-call]  # Twisted's is not typed


if __name__ == "__main__":
    main()
