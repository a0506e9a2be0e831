using System.Diagnostics;
using Quilt.Build.Tests.Fixtures;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build.Tests.Execution;

public sealed class RemoteTests
{
    private static readonly RemoteOptions Loopback = new() { MayDial = (_, address) => System.Net.IPAddress.IsLoopback(address), MostBytes = 1 << 20 };

    [Fact]
    public async Task A_file_comes_over_http_with_the_time_that_the_server_gives_and_its_digest_verified()
    {
        await using WebServer server = new();
        server.Paths["/d/file%20name.txt"] = c =>
        {
            c.Response.Headers["Last-Modified"] = "Tue, 03 Feb 2004 05:06:07 GMT";
            c.Response.OutputStream.Write("content"u8);
        };
        server.Paths["/moved"] = c => c.Response.Redirect(server.Address + "d/file%20name.txt");
        using RemoteSources remote = new(Loopback);
        using TestBuild build = await TestBuild.CreateAsync(remote);
        string digest = Digest.Compute("content"u8).ToString();
        StoredImage image = await RunAsync(build, $"FROM scratch\nADD {server.Address}d/file%20name.txt /f/\nADD --checksum={digest} --chmod=644 --chown=3:4 {server.Address}moved /named\n");
        Assert.Equal(
            """
            f Folder 755 0:0
            f/file name.txt Regular 600 0:0 ed7002b439e9
            named Regular 644 3:4 ed7002b439e9
            """,
            TreeText.Of(image.LayerFolders));
        Assert.Equal(new DateTime(2004, 2, 3, 5, 6, 7, DateTimeKind.Utc), File.GetLastWriteTimeUtc(Path.Combine(image.LayerFolders[0], "f/file name.txt")));
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => RunAsync(build, $"FROM scratch\nADD --checksum={Digest.Compute("other"u8)} {server.Address}moved /x\n"));
        Assert.Contains($"has the digest {digest}, and not ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Where git works anybody may make a folder of that name, and fill it for as long as it is emptied.</summary>
    [Fact]
    public void What_a_daemon_left_of_git_is_removed_and_what_somebody_else_made_there_is_not()
    {
        const uint nobody = 65534, somebody = 1234;
        string instance = Guid.NewGuid().ToString("N");
        string own = Made(0), gits = Made(nobody), anothers = Made(somebody), other = Directory.CreateTempSubdirectory($"quilt-git-{Guid.NewGuid():N}-").FullName;
        try
        {
            RemoteSources.RemoveAbandoned(instance);
            Assert.Equal((false, false, true, true), (Directory.Exists(own), Directory.Exists(gits), File.Exists(Path.Combine(anothers, "file")), Directory.Exists(other)));
        }
        finally
        {
            Directory.Delete(anothers, recursive: true);
            Directory.Delete(other);
        }

        string Made(uint owner)
        {
            string folder = Directory.CreateTempSubdirectory($"quilt-git-{instance}-").FullName;
            File.WriteAllText(Path.Combine(folder, "file"), "");
            Linux.Sys.Chown(folder, owner, owner);
            return folder;
        }
    }

    [Fact]
    public async Task What_cannot_be_fetched_is_told_at_its_place()
    {
        await using WebServer server = new();
        server.AddFile("/big", new byte[(1 << 20) + 1]);
        server.Paths["/endless"] = c =>
        {
            c.Response.SendChunked = true;
            byte[] block = new byte[64 << 10];
            for (int i = 0; i < 1000; i++)
            {
                c.Response.OutputStream.Write(block);
            }
        };
        server.Paths["/inside"] = c => c.Response.Redirect("http://169.254.169.254/latest");
        using RemoteSources remote = new(Loopback), strict = new(new RemoteOptions());
        using TestBuild build = await TestBuild.CreateAsync(remote), guarded = await TestBuild.CreateAsync(strict);
        Assert.Equal(ErrorCode.NotFound, (await Refused(build, "gone", "answers 404")).Code);
        Assert.Equal(ErrorCode.ResourceExhausted, (await Refused(build, "big", "has more than 1MiB")).Code);
        Assert.Equal(ErrorCode.ResourceExhausted, (await Refused(build, "endless", "has more than 1MiB")).Code);
        Assert.Equal(ErrorCode.PermissionDenied, (await Refused(build, "inside", "is not among what the build may reach")).Code);
        Assert.Equal(ErrorCode.PermissionDenied, (await Refused(guarded, "big", "is not among what the build may reach")).Code);
        int before = server.Requests.Count;
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync($"FROM scratch\nADD {server.Address}big /x\n"));
        Assert.Contains("the build has no network", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, server.Requests.Count);

        async Task<QuiltException> Refused(TestBuild of, string path, string what)
        {
            QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => RunAsync(of, $"FROM scratch\nADD {server.Address}{path} /x\n"));
            Assert.StartsWith("Dockerfile:2:", error.Message, StringComparison.Ordinal);
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
            return error;
        }
    }

    [Fact]
    public async Task A_repository_comes_by_branch_tag_or_commit_and_a_part_of_it_alone()
    {
        await using WebServer server = new();
        using RemoteSources remote = new(Loopback);
        using TestBuild build = await TestBuild.CreateAsync(remote);
        server.Repositories = build["repositories"];
        string commit = MakeRepository(build["repositories/x.git"]);
        string address = server.Address + "x.git";
        StoredImage image = await RunAsync(build, $"""
            FROM scratch
            ADD {address} /main
            ADD {address}#v1:part /part
            ADD --keep-git-dir --checksum={commit[..12]} {address}#main /kept
            """);
        Assert.Equal(
            ["main/a", "main/link", "main/part", "main/part/b", "part", "part/b"],
            TreeText.Of(image.LayerFolders).Split('\n').Select(l => l.Split(' ')[0]).Where(p => !p.StartsWith("kept", StringComparison.Ordinal) && p != "main"));
        Assert.Equal("second\n", TestBuild.Read(image, "main/a"));
        Assert.Equal("b\n", TestBuild.Read(image, "part/b"));
        Assert.Equal(commit + "\n", TestBuild.Read(image, "kept/.git/HEAD"));
        Assert.DoesNotContain(" 65534:", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        string again = (await RunAsync(build, $"FROM scratch\nADD {address} /main\n")).Layers[0].DiffId.ToString();
        Assert.Equal(image.Layers[0].DiffId.ToString(), again);
    }

    [Theory]
    [InlineData("#gone", "failed")]
    [InlineData("#--upload-pack=touch", "is no branch, tag or commit")]
    [InlineData("#main:nowhere", "has no 'nowhere'")]
    public async Task A_repository_that_cannot_be_had_is_told_at_its_place(string fragment, string what)
    {
        await using WebServer server = new();
        using RemoteSources remote = new(Loopback);
        using TestBuild build = await TestBuild.CreateAsync(remote);
        server.Repositories = build["repositories"];
        MakeRepository(build["repositories/x.git"]);
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => RunAsync(build, $"FROM scratch\nADD {server.Address}x.git{fragment} /x\n"));
        Assert.StartsWith("Dockerfile:2:5: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    private static Task<StoredImage> RunAsync(TestBuild build, string dockerfile) => build.RunAsync(build.Request(dockerfile) with { Egress = ["packages.example:80"] });

    /// <summary>With two commits; the first has the tag v1.</summary>
    /// <returns>The last commit.</returns>
    private static string MakeRepository(string folder)
    {
        string script = $"""
            set -e
            export HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a GIT_AUTHOR_DATE='@1000000000 +0000' GIT_COMMITTER_DATE='@1000000000 +0000'
            mkdir -p {folder}.work/part && cd {folder}.work
            git init -q -b main .
            echo first > a; echo b > part/b; ln -s a link
            git add . && git commit -q -m one && git tag v1
            echo second > a && git commit -q -a -m two
            git clone -q --bare . {folder}
            git rev-parse HEAD
            """;
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
