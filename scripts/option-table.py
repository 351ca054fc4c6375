"""Prints the README's table of options from the settings table."""

from localaik.options import OPTIONS


def main() -> None:
    """Print the table as Markdown."""
    print("| option | variable | default | what it does |")
    print("| --- | --- | --- | --- |")
    for option in OPTIONS:
        flag = f"--{option.name} {option.metavar}".replace("|", "\\|")
        default = f"`{option.default}`" if option.default.isalnum() else option.default
        print(f"| `{flag}` | `{option.variable}` | {default} | {option.help} |")


if __name__ == "__main__":
    main()
