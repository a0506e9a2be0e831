using System.Diagnostics;
using System.Globalization;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>quilt cp, as docker cp has it, beside GNU tar.</summary>
public sealed class CopyTests(CliDaemon daemon) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _name = $"c{Guid.NewGuid():N}"[..12];

    public async ValueTask InitializeAsync() => Ok(await daemon.Run("run", "-d", "--name", _name, "--", "sleep", "1000"));

    public async ValueTask DisposeAsync()
    {
        await daemon.Run("rm", "-f", _name);
        _folder.Dispose();
    }

    [Fact]
    public async Task Files_and_folders_are_placed_as_docker_places_them()
    {
        Write("one", "first");
        Write("tree/a/b", "second");
        Write("with:colon", "third");
        Ok(await Copy(_folder["one"], ":/one"));
        Ok(await Copy(_folder["one"], ":/tmp"));
        Ok(await Copy(_folder["one"], ":tmp/named"));
        Ok(await Copy(_folder["tree"], ":/made"));
        Ok(await Copy(_folder["tree"], ":/made"));
        Ok(await Copy(_folder["tree"] + "/.", ":/content"));
        Ok(await Copy(_folder["with:colon"], ":/colon"));
        Assert.Equal("first\nfirst\nfirst\nsecond\nsecond\nsecond\nthird\n", await In("for f in /one /tmp/one /tmp/named /made/a/b /made/tree/a/b /content/a/b /colon; do cat $f; echo; done"));
        Assert.Equal("0:0\n", await In("stat -c %u:%g /made/a/b"));

        Ok(await Copy(":/made", _folder["back"]));
        Ok(await Copy(":/made", _folder["back"]));
        Ok(await Copy(":/made/.", _folder["content"]));
        Ok(await Copy(":/one", _folder["back"]));
        Ok(await Copy(":/one", _folder["back/named"]));
        Assert.Equal("second second second first first", string.Join(' ', Text("back/a/b"), Text("back/made/a/b"), Text("content/a/b"), Text("back/one"), Text("back/named")));
    }

    [Fact]
    public async Task A_copy_that_cannot_be_written_is_fetched_no_further()
    {
        const int size = 256 << 20;
        await In($"dd if=/dev/zero of=/large bs=1M count={size >> 20} 2>/dev/null");
        using CountingRelay relay = new(_folder["relay.sock"], daemon.Host["unix://".Length..]);
        CliResult refused = await daemon.Run("--host", $"unix://{_folder["relay.sock"]}", "cp", $"{_name}:/large", _folder["nowhere/large"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("nowhere' cannot be written to", refused.Stderr, StringComparison.Ordinal);
        Assert.InRange(relay.Received, 1, size / 4);
    }

    [Fact]
    public async Task The_callers_own_link_is_where_it_leads_to()
    {
        Write("elsewhere/file", "before");
        File.CreateSymbolicLink(_folder["file"], "elsewhere/file");
        File.CreateSymbolicLink(_folder["folder"], "elsewhere");
        File.CreateSymbolicLink(_folder["nowhere"], "elsewhere/new");
        File.CreateSymbolicLink(_folder["circle"], "circle");
        await In("echo -n after > /one");
        Ok(await Copy(":/one", _folder["file"]));
        Ok(await Copy(":/one", _folder["folder"]));
        Ok(await Copy(":/one", _folder["nowhere"]));
        Assert.Equal("after after after", string.Join(' ', Text("elsewhere/file"), Text("elsewhere/one"), Text("elsewhere/new")));
        Assert.NotNull(new FileInfo(_folder["file"]).LinkTarget);
        CliResult circle = await Copy(":/one", _folder["circle"]);
        Assert.Equal(2, circle.ExitCode);
        Assert.Contains("cannot be followed", circle.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_a_bar_tells_how_far_it_is_in_both_directions_and_quiet_says_nothing()
    {
        Write("large", new string('x', 3 << 20));
        using (TerminalSession session = new(daemon, new TerminalSize(100, 30), "cp", _folder["large"], $"{_name}:/large"))
        {
            await session.Until("sending");
            await session.Until("copied 1 entry, 3MiB");
            Assert.Equal(0, await session.Ended());
        }

        using (TerminalSession session = new(daemon, new TerminalSize(100, 30), "cp", $"{_name}:/large", _folder["back"]))
        {
            await session.Until("receiving");
            await session.Until("copied 1 entry, 3MiB");
            Assert.Equal(0, await session.Ended());
        }

        CliResult quiet = await Copy("-q", _folder["large"], ":/again");
        Assert.Equal((0, "", ""), (quiet.ExitCode, quiet.Stdout, quiet.Stderr));
    }

    [Fact]
    public async Task Archives_go_both_ways_and_gnu_tar_finds_the_same_in_them()
    {
        Write("tree/file", "content");
        Directory.CreateDirectory(_folder["tree/empty"]);
        File.CreateSymbolicLink(_folder["tree/link"], "/nowhere");
        Run("ln", _folder["tree/file"], _folder["tree/hard"]);
        Run("truncate", "-s", "64M", _folder["tree/sparse"]);
        Run("chmod", "4750", _folder["tree/file"]);
        Run("tar", "--sparse", "--format=posix", "-C", _folder.Path, "-cf", _folder["in.tar"], "tree");
        CliResult sent = await daemon.Run(["cp", "-", $"{_name}:/tmp"], await File.ReadAllBytesAsync(_folder["in.tar"], TestContext.Current.CancellationToken));
        Ok(sent);
        Assert.Contains("copied 6 entries", sent.Stderr, StringComparison.Ordinal);
        CliResult got = await Copy(":/tmp/tree", "-");
        Ok(got);
        Assert.InRange(got.Bytes.Length, 1, 1 << 20);
        await File.WriteAllBytesAsync(_folder["out.tar"], got.Bytes, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder["out"]);
        Run("tar", "-C", _folder["out"], "-xpf", _folder["out.tar"]);
        Assert.Equal("", Run("diff", "-r", "--no-dereference", _folder["tree"], _folder["out/tree"]));
        Assert.Equal(Run("stat", "-c", "%a %h %Y", _folder["tree/file"], _folder["tree/hard"]), Run("stat", "-c", "%a %h %Y", _folder["out/tree/file"], _folder["out/tree/hard"]));
        Assert.True(long.Parse(Run("stat", "-c", "%b", _folder["out/tree/sparse"]), CultureInfo.InvariantCulture) < 100);
    }

    [Fact]
    public async Task Options_are_docker_s()
    {
        Write("real", "content");
        Run("chown", "1234:1235", _folder["real"]);
        File.CreateSymbolicLink(_folder["link"], "real");
        Ok(await Copy(_folder["link"], ":/asis"));
        Ok(await Copy("-L", _folder["link"], ":/followed"));
        Ok(await Copy("-a", _folder["real"], ":/kept"));
        Assert.Equal("real\ncontent\n1234:1235\n", await In("readlink /asis; cat /followed; echo; stat -c %u:%g /kept"));
        Ok(await Copy("-a", ":/kept", _folder["kept"]));
        Ok(await Copy(":/kept", _folder["ours"]));
        Assert.Equal("1234:1235\n0:0\n", Run("stat", "-c", "%u:%g", _folder["kept"], _folder["ours"]));
        await In("ln -s /kept /pointer");
        Ok(await Copy("-L", ":/pointer", _folder["pointed"]));
        Assert.Equal("content", Text("pointed"));
        CliResult quiet = await Copy("-q", ":/kept", _folder["quiet"]);
        Assert.Equal((0, "", ""), (quiet.ExitCode, quiet.Stdout, quiet.Stderr));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_words_and_nothing_is_made()
    {
        Write("file", "x");
        Directory.CreateDirectory(_folder["folder"]);
        (int Exit, string Words, string[] Line)[] refused =
        [
            (2, "neither SRC nor DST", ["cp", _folder["file"], _folder["other"]]),
            (2, "both SRC and DST", ["cp", $"{_name}:/etc", $"{_name}:/tmp"]),
            (2, "no place to copy", ["cp", $"{_name}:", _folder["other"]]),
            (2, "cannot be read", ["cp", _folder["missing"], $"{_name}:/tmp"]),
            (3, "there is no folder", ["cp", _folder["file"], $"{_name}:/no/such/place"]),
            (3, "there is no", ["cp", $"{_name}:/no/such", _folder["other"]]),
            (2, "cannot be written to", ["cp", $"{_name}:/etc/passwd", _folder["no/such/place"]]),
            (3, "", ["cp", "no-such-container:/etc", _folder["other"]]),
        ];
        foreach ((int exit, string words, string[] line) in refused)
        {
            CliResult result = await daemon.Run(line);
            Assert.True(result.ExitCode == exit && result.Stderr.Contains(words, StringComparison.Ordinal), $"{string.Join(' ', line)}: {result.ExitCode} {result.Stderr}");
        }

        Assert.NotEqual(0, (await Copy(_folder["folder"], ":/etc/passwd")).ExitCode);
        Assert.NotEqual(0, (await Copy(_folder["file"], ":/none/")).ExitCode);
        Assert.NotEqual(0, (await Copy(":/etc", _folder["file"])).ExitCode);
        Assert.Equal(["file", "folder"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_container_s_links_lead_nowhere_on_this_side()
    {
        Directory.CreateDirectory(_folder["outside"]);
        await In($"mkdir -p /t/d; echo planted > /t/d/file; cp /bin/busybox /t/set; chmod 6755 /t/set");
        Ok(await Copy(":/t", _folder["in"]));
        Assert.Equal("755\n", Run("stat", "-c", "%a", _folder["in/set"]));
        Directory.Delete(_folder["in/d"], recursive: true);
        File.CreateSymbolicLink(_folder["in/d"], _folder["outside"]);
        CliResult through = await Copy(":/t/.", _folder["in"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["outside"]));
        Assert.NotEqual(0, through.ExitCode);
    }

    private Task<CliResult> Copy(params string[] words) => daemon.Run(["cp", .. words.Select(w => w.StartsWith(':') ? _name + w : w)]);

    private async Task<string> In(string script) => (await daemon.Run("exec", _name, "--", "sh", "-c", script)).Stdout;

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], content);
    }

    private string Text(string name) => File.ReadAllText(_folder[name]);

    private static void Ok(CliResult result) => Assert.True(result.ExitCode == 0, result.Stderr);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }
}
