using System.Diagnostics;
using System.Text;
using Quilt.Core;
using Quilt.Images.Tests.Hostile;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Images.Tests.Roots;

/// <summary>Files on their way into a root that others write to, and out of it. As root: on a thread with a container's ids.</summary>
public sealed class LiveRootTests : IDisposable
{
    private const uint First = 3_000_000;
    private readonly TemporaryFolder _folder = new();
    private readonly string _rootPath;
    private readonly LiveRoot _root;

    public LiveRootTests()
    {
        _rootPath = Directory.CreateDirectory(_folder["root"]).FullName;
        Sys.Chown(_rootPath, First, First);
        File.WriteAllText(_folder["outside"], "secret");
        _root = new LiveRoot(Sys.Open(_rootPath, OpenMode.Path | OpenMode.Directory), First);
    }

    public static TheoryData<string> Hostile => [.. HostileArchiveTests.Archives.Keys];

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tree_goes_in_and_comes_out_as_gnu_tar_has_it_with_owners_links_attributes_and_holes()
    {
        string tree = Directory.CreateDirectory(_folder["tree/sub"]).Parent!.FullName;
        await File.WriteAllTextAsync($"{tree}/sub/file", "content", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync($"{tree}/ünder a näme", "x", TestContext.Current.CancellationToken);
        Run("ln", $"{tree}/sub/file", $"{tree}/hard");
        Run("ln", "-s", "/nowhere/at all", $"{tree}/link");
        Run("mkfifo", "-m", "640", $"{tree}/fifo");
        using (FileDescriptor folder = Sys.Open(tree, OpenMode.Path | OpenMode.Directory))
        {
            Sys.MakeFolderAt(folder, TestNames.OddLong, 0x1ED);
            Sys.MakeHardLinkAt(folder, "sub/file", folder, TestNames.Odd);
            Sys.MakeLinkAt(folder, TestNames.OddOther, $"{TestNames.OddLong}/{TestNames.Odd}");
            Sys.OpenAt(folder, $"{TestNames.OddLong}/{TestNames.Odd}", OpenMode.WriteOnly | OpenMode.Create, 0x1A4).Dispose();
        }

        using (FileDescriptor file = Sys.Open($"{tree}/sub/file", OpenMode.ReadOnly))
        {
            Sys.SetAttribute(file, "user.word", "said"u8);
            Sys.SetAttribute(file, "user.wörter", "said"u8);
        }

        Run("truncate", "-s", "64M", $"{tree}/sparse");
        Run("sh", "-c", $"cp --sparse=always {tree}/sparse \"{tree}/$(printf 'sp\\351')\"");
        Run("dd", $"of={tree}/sparse", "if=/dev/urandom", "bs=4096", "count=2", "seek=1000", "conv=notrunc", "status=none");
        Run("chmod", "4751", $"{tree}/sub/file");
        Run("chown", "-h", "-R", "1000:1001", tree);
        Run("chmod", "4751", $"{tree}/sub/file");
        Run("tar", "-C", tree, "--format=posix", "--sparse", "--xattrs", "-cf", _folder["in.tar"], ".");

        await using (FileStream archive = File.OpenRead(_folder["in.tar"]))
        {
            CopyReport report = await Write("/there", archive, new CopyInOptions { Placing = CopyPlacing.As, KeepOwners = true });
            Assert.Equal((13, 0), (report.Entries, report.LeftOutCount));
        }

        Assert.Equal(FolderText.Of(tree), FolderText.Of($"{_rootPath}/there", shift: First));
        Assert.True(new FileInfo(_folder["in.tar"]).Length < 1 << 20);
        await using (FileStream archive = File.Create(_folder["out.tar"]))
        {
            await FileThread.RunAsync(First, () => new RootReader(_root, null, default).Pack("/there/.", follow: false, archive));
        }

        Assert.True(new FileInfo(_folder["out.tar"]).Length < 1 << 20);
        Directory.CreateDirectory(_folder["again"]);
        Run("tar", "-C", _folder["again"], "--xattrs", "--xattrs-include=*", "--same-owner", "-xpf", _folder["out.tar"]);
        Assert.Equal(FolderText.Of(tree), FolderText.Of(_folder["again"]));
        Assert.True(Blocks($"{_rootPath}/there/sparse") < 100 && Blocks(_folder["again/sparse"]) < 100);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_hostile_archive_harms_nothing_outside(string name)
    {
        string before = FolderText.Of(_folder.Path, leaveOut: p => p.StartsWith("./root", StringComparison.Ordinal));
        try
        {
            await Write("/", new MemoryStream(HostileArchiveTests.Archives[name]()), new CopyInOptions { KeepOwners = true });
        }
        catch (QuiltException e)
        {
            Assert.True(e.Code is ErrorCode.InvalidArgument or ErrorCode.FailedPrecondition or ErrorCode.ResourceExhausted or ErrorCode.NotFound or ErrorCode.PermissionDenied, e.ToString());
            Assert.DoesNotContain("layer", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, FolderText.Of(_folder.Path, leaveOut: p => p.StartsWith("./root", StringComparison.Ordinal)));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_rootPath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }), p => Path.GetFileName(p).StartsWith(".quilt-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Links_in_it_are_followed_inside_and_never_written_through_at_the_end()
    {
        Directory.CreateSymbolicLink($"{_rootPath}/abs", "/real");
        Own(Directory.CreateDirectory($"{_rootPath}/real").FullName);
        File.CreateSymbolicLink($"{_rootPath}/real/up", "../../../outside");
        await Write("/abs", Archive.Of(a => a.AddText("up", "new")));
        Assert.Equal("new", await File.ReadAllTextAsync($"{_rootPath}/real/up", TestContext.Current.CancellationToken));
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder["outside"], TestContext.Current.CancellationToken));

        // Content goes to the file that a link means, which is one of the root's.
        File.CreateSymbolicLink($"{_rootPath}/real/far", "../../../outside");
        await Put("/real/far", "inside");
        Assert.Equal("inside", await File.ReadAllTextAsync($"{_rootPath}/outside", TestContext.Current.CancellationToken));
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder["outside"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Names_of_any_bytes_are_names_and_lead_nowhere()
    {
        byte[] archive = Archive.Of(a =>
        {
            a.AddFolder(TestNames.OverlongParent, Archive.Plain(0x1ED));
            a.AddText($"{TestNames.OverlongParent}/outside", "new");
            a.AddText(TestNames.OverlongSlash, "one");
            a.AddText(TestNames.Odd, "two");
            a.AddText(TestNames.OddOther, "three");
            a.AddText(TestNames.Odd, "four"); // in place of the other of its name alone
            a.AddSymbolicLink("link", Archive.Plain(), $"{TestNames.OverlongParent}/outside");
        });
        await Write("/", archive);
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder["outside"], TestContext.Current.CancellationToken));
        Assert.Equal(new HashSet<string>([TestNames.OverlongParent, TestNames.OverlongSlash, TestNames.Odd, TestNames.OddOther, "link"]), Sys.Names(_root.Root).ToHashSet());
        Assert.Equal(("new", "one", "four", "three", "new"), (await Read($"/{TestNames.OverlongParent}/outside"), await Read($"/{TestNames.OverlongSlash}"), await Read($"/{TestNames.Odd}"), await Read($"/{TestNames.OddOther}"), await Read("/link")));
    }

    [Fact]
    public async Task Copies_are_placed_as_cp_does()
    {
        byte[] file = Archive.Of(a => a.AddText("f", "one")), folder = Archive.Of("d/", "d/x"), contents = Archive.Of(a =>
        {
            a.AddFolder("", Archive.Plain(0x1C0));
            a.AddText("x", "two");
        });
        await As("/new", file);
        Assert.Equal("one", Text("new"));
        await As("/made", folder);
        Assert.Equal("d/x", Text("made/x"));
        await As("/made", folder);
        Assert.Equal("d/x", Text("made/d/x"));
        await As("/made", file);
        Assert.Equal("one", Text("made/f"));
        await As("/made/f", Archive.Of(a => a.AddText("f", "replaced")));
        Assert.Equal("replaced", Text("made/f"));
        uint before = Status("made").Permissions;
        await As("/made", contents);
        Assert.Equal(("two", before), (Text("made/x"), Status("made").Permissions));
        await As("/another", contents);
        Assert.Equal(0x1C0u, Status("another").Permissions);
        Assert.Equal((First, First), (Status("another/x").Uid, Status("another/x").Gid));

        await Refused(ErrorCode.FailedPrecondition, "path", () => As("/new", folder));
        await Refused(ErrorCode.FailedPrecondition, "path", () => As("/new", contents));
        await Refused(ErrorCode.FailedPrecondition, "path", () => As("/new/", file));
        await Refused(ErrorCode.NotFound, "path", () => As("/missing/", file));
        await Refused(ErrorCode.NotFound, "path", () => As("/missing/f", file));
        await Refused(ErrorCode.NotFound, "path", () => Write("/missing", file));
        await Refused(ErrorCode.FailedPrecondition, "path", () => Write("/new", file));
        await Refused(ErrorCode.FailedPrecondition, "path", () => As("/made", Archive.Of(a => a.AddText("d", "a file over a folder"))));

        // What is refused is named as it is in the root, also where it comes straight into that.
        QuiltException inRoot = await Assert.ThrowsAsync<QuiltException>(() => As("/", Archive.Of(a => a.AddText("made", "a file over a folder"))));
        Assert.StartsWith("'/made' is", inRoot.Message, StringComparison.Ordinal);
        await Refused(ErrorCode.FailedPrecondition, "path", () => As("/", Archive.Of("new/")));
        await Refused(ErrorCode.InvalidArgument, "archive", () => As("/made", Archive.Of("a/", "b")));
        await Refused(ErrorCode.InvalidArgument, "archive", () => As("/made", Archive.Of()));
        await Write("/deep/er", new MemoryStream(file), new CopyInOptions { MakeParents = true });
        Assert.Equal("one", Text("deep/er/f"));
    }

    [Fact]
    public async Task Content_keeps_what_the_file_was_unless_told()
    {
        await Put("/f", "one", mode: 0x1C9);
        Run("chown", $"{First + 5}:{First + 6}", $"{_rootPath}/f");
        await Put("/f", "two");
        Assert.Equal((0x1C9u, First + 5, First + 6, "two"), (Status("f").Permissions, Status("f").Uid, Status("f").Gid, Text("f")));
        await Put("/g", "three");
        Assert.Equal((0x1A4u, First), (Status("g").Permissions, Status("g").Uid));
        await Refused(ErrorCode.InvalidArgument, "path", () => Put("/", "x"));
        await Refused(ErrorCode.InvalidArgument, "path", () => Put("/g/", "x"));
        await Refused(ErrorCode.FailedPrecondition, "path", () => Put("/g/x", "x"));
    }

    [Fact]
    public async Task What_belongs_to_nobody_in_the_container_is_not_changed_and_read_only_as_everybody_may()
    {
        string host = Directory.CreateDirectory($"{_rootPath}/host").FullName;
        await File.WriteAllTextAsync($"{host}/private", "x", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync($"{host}/public", "y", TestContext.Current.CancellationToken);
        Run("chmod", "600", $"{host}/private");
        await Refused(ErrorCode.PermissionDenied, "path", () => Put("/host/f", "x"));
        await Refused(ErrorCode.PermissionDenied, "path", () => Write("/host", Archive.Of("f")));
        await Refused(ErrorCode.PermissionDenied, "path", () => Write("/", Archive.Of("host/")));
        await Refused(ErrorCode.PermissionDenied, "path", () => Read("/host/private"));
        Assert.Equal("y", await Read("/host/public"));
        using MemoryStream to = new();
        CopyReport report = await FileThread.RunAsync(First, () => new RootReader(_root, null, default).Pack("/host", follow: false, to));
        Assert.Equal(["host/private: belongs to nobody in the container"], report.LeftOut);
    }

    [Fact]
    public async Task What_is_no_file_is_neither_opened_nor_waited_for()
    {
        Run("mkfifo", $"{_rootPath}/fifo");
        Run("mknod", $"{_rootPath}/device", "c", "1", "1");
        await Refused(ErrorCode.FailedPrecondition, "path", () => Read("/fifo"));
        await Refused(ErrorCode.FailedPrecondition, "path", () => Read("/device"));
        await Refused(ErrorCode.FailedPrecondition, "path", () => FileThread.RunAsync(First, () => new RootReader(_root, null, default).Pack("/device", follow: false, Stream.Null)));
        CopyReport report = await FileThread.RunAsync(First, () => new RootReader(_root, null, default).Pack("/.", follow: false, Stream.Null));
        Assert.Equal(["device: is a device"], report.LeftOut);
        CopyReport made = await Write("/", new RawArchive().Add('3', TestNames.Odd).Add('0', "f", "x").End());
        Assert.Equal((1, 1), (made.Entries, made.LeftOutCount));
        Assert.Equal(["o\\udcff: is a device, and containers make none"], made.LeftOut); // whatever its bytes: text
    }

    [Fact]
    public async Task A_cancelled_copy_leaves_no_temporary_file_and_no_half_one()
    {
        using CancellationTokenSource over = new();
        using HookedStream archive = new(Archive.Of(a => a.AddBytes("large", new byte[8 << 20])), 4 << 20, over.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileThread.RunAsync(First, () =>
        {
            using RootWriter writer = new(_root, new CopyInOptions(), null, over.Token);
            return writer.Unpack(archive, "/");
        }));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_rootPath));
    }

    /// <summary>What others bring there at the same time counts too: here while the half of a file is read.</summary>
    [Fact]
    public async Task Memory_that_fills_up_meanwhile_is_not_filled_beyond_its_limit()
    {
        const int most = 4 << 20;
        using SmallDisk memory = new($"{_rootPath}/memory", 32 << 20);
        Own($"{_rootPath}/memory");
        using LiveRoot limited = new(Sys.Open(_rootPath, OpenMode.Path | OpenMode.Directory), First, most);
        using HookedStream archive = new(Archive.Of(a => a.AddBytes("file", new byte[most * 3 / 4])), most / 4, () => File.WriteAllBytes($"{_rootPath}/memory/other", new byte[most / 2]));
        await Refused(ErrorCode.ResourceExhausted, "path", () => FileThread.RunAsync(First, () =>
        {
            using RootWriter writer = new(limited, new CopyInOptions(), null, CancellationToken.None);
            return writer.Unpack(archive, "/memory/");
        }));
        Assert.Equal(["other"], Directory.EnumerateFileSystemEntries($"{_rootPath}/memory").Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_capability_counts_in_the_container_alone_and_comes_out_as_it_went_in()
    {
        byte[] value = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        await Write("/", Archive.Of(a => a.AddFile("f", Archive.Plain(0x1ED, ("security.capability", value)), 0, Stream.Null)));
        using FileDescriptor file = Sys.Open($"{_rootPath}/f", OpenMode.ReadOnly);
        byte[] kept = Sys.TryGetAttribute(file, "security.capability", 64)!;
        Assert.Equal((24, 3, First), (kept.Length, kept[3], BitConverter.ToUInt32(kept, 20)));
        using MemoryStream to = new();
        await FileThread.RunAsync(First, () => new RootReader(_root, null, default).Pack("/f", follow: false, to));
        to.Position = 0;
        Assert.Equal(value, new ArchiveReader(to, new UnpackLimits()).Next()!.Attributes.Single().Value);
    }

    private Task<CopyReport> Write(string path, Stream archive, CopyInOptions options) => FileThread.RunAsync(First, () =>
    {
        using RootWriter writer = new(_root, options, null, CancellationToken.None);
        return writer.Unpack(archive, path);
    });

    private Task<CopyReport> Write(string path, byte[] archive) => Write(path, new MemoryStream(archive), new CopyInOptions());

    private Task<CopyReport> As(string path, byte[] archive) => Write(path, new MemoryStream(archive), new CopyInOptions { Placing = CopyPlacing.As });

    private Task<CopyReport> Put(string path, string content, uint? mode = null) => FileThread.RunAsync(First, () =>
    {
        using RootWriter writer = new(_root, new CopyInOptions { Mode = mode }, null, CancellationToken.None);
        return writer.Write(Encoding.UTF8.GetBytes(content), path);
    });

    private Task<string> Read(string path) => FileThread.RunAsync(First, () => Encoding.UTF8.GetString(new RootReader(_root, null, default).Read(path, 0, 100).Content));

    private static async Task Refused(ErrorCode code, string field, Func<Task> copy)
    {
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(copy);
        Assert.Equal((code, field), (e.Code, e.Field));
        Assert.NotEmpty(e.Remedy!);
    }

    private string Text(string name) => File.ReadAllText($"{_rootPath}/{name}");

    private FileStatus Status(string name) => Sys.TryStatus($"{_rootPath}/{name}")!.Value;

    private static void Own(string path) => Sys.Chown(path, First, First);

    private static long Blocks(string path) => long.Parse(Run("stat", "-c", "%b", path), System.Globalization.CultureInfo.InvariantCulture);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>Something happens once so much of it was read.</summary>
    private sealed class HookedStream(byte[] content, int after, Action hook) : ReadingStream
    {
        private int _at;
        private bool _happened;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(buffer.Length, 64 << 10), content.Length - _at);
            content.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            if (_at > after && !_happened)
            {
                _happened = true;
                hook();
            }

            return count;
        }
    }
}
