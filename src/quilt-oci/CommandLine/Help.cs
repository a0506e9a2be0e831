using System.Text;

namespace Quilt.OciRuntime;

internal static class Help
{
    internal static string OfProgram()
    {
        StringBuilder text = new("quilt-oci: runs containers from OCI bundles\n\nusage: quilt-oci [OPTIONS] COMMAND ...\n\ncommands:\n");
        foreach (Command command in Commands.All)
        {
            text.Append("  ").Append(command.Name.PadRight(10)).Append(command.Description).Append('\n');
        }

        return Append(text.Append("\noptions:\n"), Option.Common).ToString();
    }

    internal static string Of(Command command)
    {
        StringBuilder text = new($"{command.Description}\n\nusage: quilt-oci [OPTIONS] {command.Name} [OPTIONS] {string.Join(' ', command.Positionals)}");
        Append(text.Append("\n\noptions:\n"), command.Options);
        return Append(text.Append("\noptions of every command:\n"), Option.Common).ToString();
    }

    private static StringBuilder Append(StringBuilder text, Option[] options)
    {
        foreach (Option option in options)
        {
            string names = (option.Short is null ? "    " : $"-{option.Short}, ") + "--" + option.Name + (option.Value is null ? "" : " " + option.Value);
            text.Append("  ").Append(names.PadRight(34)).Append(option.Description).Append('\n');
        }

        return text;
    }
}
