using System.Formats.Tar;
using System.Text.Json;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>The commands of images, with a registry of their own where they need one.</summary>
public sealed class ImageCommandTests(CliDaemon daemon) : IDisposable
{
    private const string User = DockerRegistry.User, Password = DockerRegistry.Password;
    private readonly TemporaryFolder _folder = new();
    private readonly string _name = $"t{Guid.NewGuid():N}"[..12];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_is_built_without_what_it_ignores_and_its_container_runs()
    {
        Write("Dockerfile", "FROM quilt/busybox\nARG WORD\nCOPY . /ctx\nRUN --mount=type=secret,id=key grep -q open /run/secrets/key && echo $WORD > /word\nCMD [\"sh\", \"-c\", \"cat /word; find /ctx -type f | sort\"]\n");
        Write(".dockerignore", "*.log\n!keep.log\n");
        Write("a/b.txt", "x");
        Write("no.log", "x");
        Write("keep.log", "x");
        Write("key", "open");
        CliResult built = await daemon.Run("build", "-t", $"{_name}:1", "--build-arg", "WORD=good day", "--secret", $"id=key,src={_folder["context/key"]}", _folder["context"]);
        Assert.True(built.ExitCode == 0, built.Stderr);
        Assert.StartsWith($"{_name}:1  sha256:", built.Stdout, StringComparison.Ordinal);
        Assert.Contains("[stage-0 4/5] done", built.Stderr, StringComparison.Ordinal);
        Assert.Equal("good day\n/ctx/.dockerignore\n/ctx/Dockerfile\n/ctx/a/b.txt\n/ctx/keep.log\n/ctx/key\n", (await daemon.Run("run", "--rm", $"{_name}:1")).Stdout);
        Assert.Contains("RUN", (await daemon.Run("history", "--no-trunc", $"{_name}:1")).Stdout, StringComparison.Ordinal);
        CliResult again = await daemon.Run("build", "-q", "--build-arg", "WORD=good day", "--secret", $"id=key,src={_folder["context/key"]}", "-o", $"type=local,dest={_folder["out"]}", "-t", $"{_name}:1", _folder["context"]);
        Assert.StartsWith("sha256:", again.Stdout, StringComparison.Ordinal);
        Assert.Equal("good day\n", await File.ReadAllTextAsync(_folder["out/word"], TestContext.Current.CancellationToken));
        Assert.Equal(0, (await daemon.Run("rmi", $"{_name}:1")).ExitCode);
    }

    [Fact]
    public async Task Files_of_a_result_come_as_they_are_and_its_links_lead_nowhere_else()
    {
        Write("Dockerfile", "FROM quilt/busybox\nRUN ln -s /etc/x /link && ln -s ../../.. /up && echo whole > /zz && ln /zz /same && chmod 4755 /zz\n");
        string out1 = _folder["out"];
        CliResult built = await daemon.Run("build", "-q", "-o", $"type=local,dest={out1}", _folder["context"]);
        Assert.True(built.ExitCode == 0, built.Stderr);
        Assert.Equal(("/etc/x", "../../.."), (new FileInfo(Path.Combine(out1, "link")).LinkTarget, new FileInfo(Path.Combine(out1, "up")).LinkTarget));
        Assert.Equal("whole\n", await File.ReadAllTextAsync(Path.Combine(out1, "same"), TestContext.Current.CancellationToken));
        Assert.False(File.GetUnixFileMode(Path.Combine(out1, "zz")).HasFlag(UnixFileMode.SetUser));

        // A second time, over what is there.
        Assert.Equal(0, (await daemon.Run("build", "-q", "-o", out1, _folder["context"])).ExitCode);
        CliResult file = await daemon.Run("build", "-q", "-o", $"type=local,dest={_folder["context/Dockerfile"]}", _folder["context"]);
        Assert.Equal(2, file.ExitCode);
        Assert.Contains("context/Dockerfile' cannot be written", file.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_goes_to_a_file_of_the_callers_alone_or_into_a_pipe()
    {
        CliResult saved = await daemon.Run("save", "-o", _folder["saved.tar"], "quilt/busybox");
        Assert.True(saved.ExitCode == 0, saved.Stderr);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["saved.tar"]));
        CliResult piped = await daemon.Run("save", "-o", "/dev/stdout", "quilt/busybox");
        Assert.Equal(await File.ReadAllBytesAsync(_folder["saved.tar"], TestContext.Current.CancellationToken), piped.Bytes);
    }

    [Fact]
    public async Task Further_contexts_are_folders_and_images()
    {
        Write("Dockerfile", "FROM start\nCOPY --from=more word /\nCMD [\"cat\", \"/word\"]\n");
        Directory.CreateDirectory(_folder["more"]);
        await File.WriteAllTextAsync(_folder["more/word"], "good day", TestContext.Current.CancellationToken);
        CliResult built = await daemon.Run("build", "-t", $"{_name}:1", "--build-context", "start=docker-image://quilt/busybox", "--build-context", $"more={_folder["more"]}", _folder["context"]);
        Assert.True(built.ExitCode == 0, built.Stderr);
        Assert.Equal("good day", (await daemon.Run("run", "--rm", $"{_name}:1")).Stdout);
        Assert.Equal(0, (await daemon.Run("rmi", $"{_name}:1")).ExitCode);
        foreach (string wrong in (string[])["more", $"more={_folder["nowhere"]}"])
        {
            CliResult refused = await daemon.Run("build", "--build-context", wrong, _folder["context"]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("--build-context", refused.Stderr, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_mistake_in_a_dockerfile_shows_where_it_is()
    {
        Write("Dockerfile", "FROM quilt/busybox\nRUM true\n");
        CliResult wrong = await daemon.Run("build", _folder["context"]);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("RUM true\n   | ^", wrong.Stderr, StringComparison.Ordinal);
        Assert.Equal(2, (await daemon.Run("build", _folder["nowhere"])).ExitCode);
        Assert.Equal(2, (await daemon.Run("build", "--output", "type=oci", _folder["context"])).ExitCode);
    }

    [Fact]
    public async Task An_archive_goes_out_by_a_file_and_comes_back()
    {
        await daemon.Run("tag", "quilt/busybox", $"{_name}:1");
        Assert.Equal(0, (await daemon.Run("save", "-o", _folder["saved.tar"], $"{_name}:1")).ExitCode);
        Assert.Equal($"{_name}:1\n", (await daemon.Run("rmi", $"{_name}:1")).Stdout);
        Assert.StartsWith($"{_name}:1  sha256:", (await daemon.Run("load", "-i", _folder["saved.tar"])).Stdout, StringComparison.Ordinal);
        Assert.Contains($"{_name}:1  ok", (await daemon.Run("image", "verify", $"{_name}:1")).Stdout, StringComparison.Ordinal);
        byte[] saved = await File.ReadAllBytesAsync(_folder["saved.tar"], TestContext.Current.CancellationToken);
        Assert.StartsWith($"{_name}:1  sha256:", (await daemon.Run(["load"], saved)).Stdout, StringComparison.Ordinal);
        Assert.StartsWith("sha256:", (await daemon.Run(["load", "-q"], saved)).Stdout, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["layout"]);
        await TarFile.ExtractToDirectoryAsync(new MemoryStream(saved), _folder["layout"], overwriteFiles: false, TestContext.Current.CancellationToken);
        Assert.StartsWith($"{_name}:1  sha256:", (await daemon.Run("load", "-i", _folder["layout"])).Stdout, StringComparison.Ordinal);
        Assert.Equal(3, (await daemon.Run("save", "-o", _folder["none.tar"], "no-such:1")).ExitCode);
        Assert.False(File.Exists(_folder["none.tar"]));
        Assert.Equal(2, (await daemon.Run("load", "-i", _folder["none.tar"])).ExitCode);
        await daemon.Run("rmi", $"{_name}:1");
    }

    [Fact]
    public async Task What_a_container_wrote_is_committed_and_its_files_are_imported()
    {
        await daemon.Run("run", "-d", "--name", _name, "--", "sh", "-c", "echo words > /words; sleep 1000");
        await daemon.Run("exec", _name, "--", "sh", "-c", "until test -s /words; do :; done");
        Assert.StartsWith("sha256:", (await daemon.Run("commit", "-q", "-c", "CMD [\"cat\", \"/words\"]", _name, $"{_name}:1")).Stdout, StringComparison.Ordinal);
        Assert.Equal("words\n", (await daemon.Run("run", "--rm", $"{_name}:1")).Stdout);
        Write("Dockerfile", $"FROM {_name}:1\n");
        await daemon.Run("build", "-t", $"{_name}:1", "-o", $"type=tar,dest={_folder["root.tar"]}", _folder["context"]);
        Assert.StartsWith($"{_name}:2", (await daemon.Run("import", "-c", "CMD [\"cat\", \"/words\"]", _folder["root.tar"], $"{_name}:2")).Stdout, StringComparison.Ordinal);
        Assert.Equal("words\n", (await daemon.Run("run", "--rm", $"{_name}:2")).Stdout);
        byte[] root = await File.ReadAllBytesAsync(_folder["root.tar"], TestContext.Current.CancellationToken);
        Assert.StartsWith($"{_name}:2", (await daemon.Run(["import", "-", $"{_name}:2"], root)).Stdout, StringComparison.Ordinal);
        Assert.StartsWith("sha256:", (await daemon.Run(["build", "-q", "-t", $"{_name}:2", "-"], Context())).Stdout, StringComparison.Ordinal);
        await daemon.Run("rm", "-f", _name);
        Assert.Equal(0, (await daemon.Run("rmi", $"{_name}:1", $"{_name}:2")).ExitCode);
    }

    [Fact]
    public async Task An_image_goes_to_a_registry_that_asks_who_comes_and_back()
    {
        await using DockerRegistry registry = await DockerRegistry.StartBasic();
        string image = $"{registry.Address}/{_name}:1";
        Dictionary<string, string> environment = new() { ["DOCKER_CONFIG"] = _folder["docker"] };
        await daemon.Run("tag", "quilt/busybox", image);
        CliResult stranger = await daemon.RunWith(environment, null, "push", image);
        Assert.NotEqual(0, stranger.ExitCode);
        Assert.NotEqual(0, (await daemon.RunWith(environment, "wrong", "login", "-u", User, "--password-stdin", registry.Address)).ExitCode);
        CliResult login = await daemon.RunWith(environment, $"{Password}\n", "login", "-u", User, "--password-stdin", registry.Address);
        Assert.True(login.ExitCode == 0, login.Stderr);
        CliResult pushed = await daemon.RunWith(environment, null, "push", image);
        Assert.True(pushed.ExitCode == 0, pushed.Stderr);
        await daemon.Run("rmi", image);
        JsonElement pulled = Json(await daemon.RunWith(environment, null, "pull", "--json", image));
        Assert.Equal(image, pulled.GetProperty("image").GetProperty("reference").GetString());
        Assert.Contains("up to date", (await daemon.RunWith(environment, null, "pull", image)).Stdout, StringComparison.Ordinal);
        Assert.Equal("hi\n", (await daemon.Run("run", "--rm", image, "--", "echo", "hi")).Stdout);
        Assert.Equal(0, (await daemon.RunWith(environment, null, "logout", registry.Address)).ExitCode);
        Assert.Equal(3, (await daemon.RunWith(environment, null, "logout", registry.Address)).ExitCode);
        Assert.NotEqual(0, (await daemon.RunWith(environment, null, "pull", image)).ExitCode);
        await daemon.Run("rmi", image);
    }

    [Fact]
    public async Task What_takes_space_is_shown_and_given_back()
    {
        Assert.Contains("images", (await daemon.Run("system", "df")).Stdout, StringComparison.Ordinal);
        Assert.Equal(2, (await daemon.Run("image", "prune", "--build-cache")).ExitCode); // nobody can be asked
        Assert.Equal((await daemon.Run("images")).Stdout, (await daemon.Run("image", "ls")).Stdout);
        Assert.Contains("freed", (await daemon.Run("prune", "-f", "--build-cache")).Stdout, StringComparison.Ordinal);
        Assert.Contains("linux/", (await daemon.Run("image", "inspect", "quilt/busybox")).Stdout, StringComparison.Ordinal);
    }

    private void Write(string path, string content)
    {
        string full = _folder[$"context/{path}"];
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    /// <summary>The context as an archive.</summary>
    private byte[] Context()
    {
        using MemoryStream archive = new();
        TarFile.CreateFromDirectory(_folder["context"], archive, includeBaseDirectory: false);
        return archive.ToArray();
    }

    private static JsonElement Json(CliResult result) => JsonElement.Parse(result.Stdout);
}
