using System.Diagnostics;

namespace Quilt.Testing;

/// <summary>A script as a person has it run, who has set nothing of what quilt and its clients read.</summary>
public static class PersonsShell
{
    private static readonly string[] Unset =
        ["QUILT_HOST", "QUILT_TOKEN", "QUILT_TOKEN_FILE", "QUILT_SESSION", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    /// <param name="folder">To be in; made where it is not there.</param>
    /// <param name="daemon">Whom quilt speaks to; null: none is named, and quilt is not on the path.</param>
    public static ProcessStartInfo Script(string script, string argument, string folder, DaemonProcess? daemon = null)
    {
        ProcessStartInfo start = new(script, [argument]) { WorkingDirectory = Directory.CreateDirectory(folder).FullName };
        Array.ForEach(Unset, name => start.Environment.Remove(name));
        if (daemon is not null)
        {
            start.Environment["PATH"] = $"{Programs.Folder}:{start.Environment["PATH"]}";
            start.Environment["QUILT_HOST"] = $"unix://{daemon.Socket}";
        }

        return start;
    }
}
