using System.Diagnostics;
using Quilt.Build.Tests.Fixtures;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build.Tests.Execution;

public sealed class CopyTests
{
    [Fact]
    public async Task Files_and_folders_go_where_Docker_puts_them()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("a.txt", "a");
        build.Write("b.txt", "b", mode: 0x1ED);
        build.Write("dir/c.txt", "c");
        build.Write("dir/sub/d.txt", "d");
        File.CreateSymbolicLink(Path.Combine(build.Context, "dir/link"), "c.txt");
        StoredImage image = await build.RunAsync("""
            FROM scratch
            COPY a.txt /one
            COPY a.txt /two/
            COPY a.txt b.txt /three/
            COPY *.txt /four/
            COPY dir /five
            COPY dir/link /six
            WORKDIR /w
            COPY a.txt .
            COPY a.txt new/name
            COPY ["b.txt", "with space"]
            COPY nothing* /seven/
            """);
        Assert.Equal(
            """
            five Folder 755 0:0
            five/c.txt Regular 644 0:0 2e7d2c03a950
            five/link SymbolicLink 777 0:0 -> c.txt
            five/sub Folder 755 0:0
            five/sub/d.txt Regular 644 0:0 18ac3e7343f0
            four Folder 755 0:0
            four/a.txt Regular 644 0:0 ca978112ca1b
            four/b.txt Regular 755 0:0 3e23e8160039
            one Regular 644 0:0 ca978112ca1b
            six Regular 644 0:0 2e7d2c03a950
            three Folder 755 0:0
            three/a.txt Regular 644 0:0 ca978112ca1b
            three/b.txt Regular 755 0:0 3e23e8160039
            two Folder 755 0:0
            two/a.txt Regular 644 0:0 ca978112ca1b
            w Folder 755 0:0
            w/a.txt Regular 644 0:0 ca978112ca1b
            w/new Folder 755 0:0
            w/new/name Regular 644 0:0 ca978112ca1b
            w/with space Regular 755 0:0 3e23e8160039
            """,
            TreeText.Of(image.LayerFolders));
    }

    [Fact]
    public async Task A_link_in_the_destination_is_followed_inside_the_image_and_with_link_it_is_not()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("a", "a");
        const string start = "FROM base\nRUN mkdir /real && ln -s /real /alias && ln -s /../../etc /up\n";
        StoredImage image = await build.RunAsync(start + "COPY a /alias/\nCOPY a /up/a\n");
        Assert.Equal("a", TestBuild.Read(image, "real/a"));
        Assert.Equal("a", TestBuild.Read(image, "etc/a"));
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync(start + "COPY --link a /up/sub/\nCOPY a /alias/a/b\nCOPY a /bin/busybox/x\n"));
        Assert.Contains("is no folder, and one would come in its place", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owners_are_names_of_the_image_and_permissions_octal_or_in_clauses()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("f", "f");
        build.Write("d/x", "x", mode: 0x1C0);
        build.Write("d/y", "y");
        StoredImage image = await build.RunAsync("""
            FROM base
            RUN echo 'app:x:55:55::/:/bin/sh' >> /etc/passwd && echo 'crew:x:77:' >> /etc/group
            ARG WHO=app
            COPY --chown=$WHO:crew f /o/1
            COPY --chown=12 f /o/2
            COPY --chown=:crew f /o/3
            COPY --chmod=4711 f /o/4
            COPY --chmod=u=rwX,go=rX d /o/5
            COPY --chmod=a-w,+t f /o/6
            """);
        Assert.Equal(
            """
            1 Regular 644 55:77 252f10c83610
            2 Regular 644 12:12 252f10c83610
            3 Regular 644 0:77 252f10c83610
            4 Regular 4711 0:0 252f10c83610
            5 Folder 755 0:0
            5/x Regular 755 0:0 2d711642b726
            5/y Regular 644 0:0 a1fce4363854
            6 Regular 1444 0:0 252f10c83610
            """.Replace("\n", "\no/", StringComparison.Ordinal).Insert(0, "o/"),
            TreeText.Of(image.LayerFolders, "o"));
    }

    [Fact]
    public async Task Parents_are_kept_from_the_pivot_on_and_what_is_excluded_is_left_out()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("x/a.txt", "1");
        build.Write("x/y/b.txt", "2");
        build.Write("x/y/c.md", "3");
        build.Write("x/z/d.txt", "4");
        StoredImage image = await build.RunAsync("""
            FROM scratch
            COPY --parents x/a.txt x/y/b.txt /p/
            COPY --parents ./x/./y/*.md /q/
            COPY --parents x/**/*.txt /r/
            COPY --exclude=**/*.txt --exclude=!y/b.txt x /s/
            COPY --exclude=*.md x/y/* /t/
            """);
        Assert.Equal(
            ["p/x/a.txt", "p/x/y/b.txt", "q/y/c.md", "r/x/a.txt", "r/x/y/b.txt", "r/x/z/d.txt", "s/y/b.txt", "s/y/c.md", "t/b.txt"],
            TreeText.Of(image.LayerFolders).Split('\n').Where(l => l.Contains(" Regular ", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public async Task What_is_ignored_is_not_copied_but_for_exceptions()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("keep", "1");
        build.Write("logs/a.log", "2");
        build.Write("deep/down/keep.me", "3");
        build.Write("deep/down/not", "4");
        build.Write(".dockerignore", "logs\ndeep\n!deep/down/keep.me\n.dockerignore\n");
        StoredImage image = await build.RunAsync("FROM scratch\nCOPY . /\n");
        Assert.Equal(["deep", "deep/down", "deep/down/keep.me", "keep"], TreeText.Of(image.LayerFolders).Split('\n').Select(l => l.Split(' ')[0]));
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("FROM scratch\nCOPY logs/a.log /\n"));
        Assert.Contains("'logs/a.log' is ignored", error.Message, StringComparison.Ordinal);
        build.Write("Other.dockerignore", "keep\n");
        image = await build.RunAsync(build.Request("FROM scratch\nCOPY . /\n") with { DockerfileName = "Other" });
        Assert.DoesNotContain("keep Regular", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        Assert.Contains("logs/a.log", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("COPY gone /", 6, "'gone' is not there")]
    [InlineData("COPY ../up /", 6, "'up' is not there")]
    [InlineData("COPY f g /x", 10, "several files are to go to '/x'")]
    [InlineData("COPY --from=nobody f /", 13, "there is no image nobody")]
    [InlineData("COPY --from=3 f /", 13, "there is no stage 3 before this one")]
    [InlineData("COPY --chown=nobodyhere f /", 14, "names a user that the image's /etc/passwd does not have")]
    [InlineData("COPY --chmod=999 f /", 14, "'999' are no permissions")]
    [InlineData("COPY f[ /", 6, "'f[' is not a pattern")]
    [InlineData("COPY https://example.com/f /", 6, "is not in the build's context")]
    [InlineData("ADD https://example.com/f /", 5, "is elsewhere, and the build has no network")]
    [InlineData("ADD git@example.com:x.git /", 5, "cannot be fetched")]
    public async Task What_cannot_be_copied_is_told_at_its_place(string line, int column, string what)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("f", "f");
        build.Write("g", "g");
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync($"FROM base\n{line}\n"));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(line.Contains("nobody ", StringComparison.Ordinal) ? "Dockerfile:2:1: " : $"Dockerfile:2:{column}: ", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public async Task Files_come_from_stages_by_name_and_number_from_images_and_from_named_contexts()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("f", "of the context");
        Directory.CreateDirectory(build["other"]);
        await File.WriteAllTextAsync(build["other/f"], "of the other", TestContext.Current.CancellationToken);
        BuildRequest request = build.Request("""
            FROM base AS first
            RUN echo one > /f && chown 3:4 /f && chmod 600 /f
            FROM first
            RUN echo two > /g
            FROM scratch
            COPY --from=first /f /1
            COPY --from=1 /g /2
            COPY --from=base /bin/busybox /3
            COPY --from=other f /4
            COPY --from=pinned /etc/passwd /5
            COPY f /6
            """) with
        {
            NamedContexts = new Dictionary<string, BuildContext>
            {
                ["other"] = new BuildContext.Folder(build["other"]),
                ["pinned"] = new BuildContext.Image(ImageReference.Parse("quilt/busybox")),
            },
        };
        StoredImage image = await build.RunAsync(request);
        Assert.Equal("two\n", TestBuild.Read(image, "2"));
        Assert.Equal("of the other", TestBuild.Read(image, "4"));
        Assert.Equal("of the context", TestBuild.Read(image, "6"));
        Assert.Contains("1 Regular 600 3:4", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        Assert.Contains("5 Regular 644 0:0", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inline_files_have_variables_unless_their_word_is_quoted()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        StoredImage image = await build.RunAsync("""
            FROM scratch
            ENV who=world
            COPY <<one <<'two' /d/
            hello "$who"
            one
            hello "$who"
            two
            COPY --chmod=755 --chown=8:9 <<-three /run.sh
            	#!/bin/sh
            	three
            """);
        Assert.Equal("hello \"world\"\n", TestBuild.Read(image, "d/one"));
        Assert.Equal("hello \"$who\"\n", TestBuild.Read(image, "d/two"));
        Assert.Equal("#!/bin/sh\n", TestBuild.Read(image, "run.sh"));
        Assert.Contains("run.sh Regular 755 8:9", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hard_links_attributes_and_fifos_are_kept()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("d/a", "shared");
        string folder = Path.Combine(build.Context, "d");
        Run("ln", Path.Combine(folder, "a"), Path.Combine(folder, "b"));
        Run("mkfifo", Path.Combine(folder, "pipe"));
        using (FileDescriptor file = Sys.Open(Path.Combine(folder, "a"), OpenMode.ReadOnly))
        {
            Sys.SetAttribute(file, "user.mark", "yes"u8);
        }

        StoredImage image = await build.RunAsync("FROM scratch\nCOPY --chown=5 d /d\n");
        Assert.Equal(
            """
            d/a Regular 644 5:5 a4d26868017c user.mark=796573
            d/b Regular 644 5:5 a4d26868017c = d/a user.mark=796573
            d/pipe Fifo 644 5:5
            """,
            TreeText.Of(image.LayerFolders, "d"));
    }

    [Theory]
    [InlineData("--gzip", "a.tgz")]
    [InlineData("--zstd", "a.tar.zst")]
    [InlineData("--xz", "a.tar.xz")]
    [InlineData("--bzip2", "a.tar.bz2")]
    [InlineData("--format=gnu", "a.bin")]
    public async Task ADD_unpacks_an_archive_by_its_content_and_COPY_does_not(string option, string name)
    {
        using TestBuild build = await TestBuild.CreateAsync();
        Directory.CreateDirectory(build["files/sub"]);
        await File.WriteAllTextAsync(build["files/sub/x"], "x", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(build.Context);
        Run("tar", option, "--owner=7", "--group=8", "-cf", Path.Combine(build.Context, name), "-C", build["files"], "sub");
        build.Write("plain.gz", "not an archive");
        build.Write("plain.bz2", "BZh9 is how it begins");
        StoredImage image = await build.RunAsync($"FROM scratch\nADD {name} /un\nCOPY {name} /as-is\nADD plain.gz plain.bz2 /un/\n");
        Assert.Contains("un/sub/x Regular 644 7:8", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        Assert.Contains("un/plain.gz Regular 644 0:0", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        Assert.Contains("un/plain.bz2 Regular 644 0:0", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
        Assert.Contains("as-is Regular", TreeText.Of(image.LayerFolders), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hostile_archive_is_refused_at_its_place()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        await File.WriteAllTextAsync(build["evil"], "x", TestContext.Current.CancellationToken);
        build.Write("f", "f");
        Run("tar", "-P", "-cf", Path.Combine(build.Context, "evil.tar"), "--transform", "s|.*|../../evil|", build["evil"]);
        QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("FROM scratch\nADD evil.tar /\n"));
        Assert.StartsWith("Dockerfile:2:", error.Message, StringComparison.Ordinal);
        Assert.Contains("..", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_or_a_tree_without_end_is_refused()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("f", "f");
        string endless = string.Concat(Enumerable.Repeat("/x", 100_000));
        foreach (string line in new[] { $"COPY f {endless}", $"COPY {endless} /", $"WORKDIR {endless}", $"RUN --mount=type=cache,target={endless} true" })
        {
            QuiltException error = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync($"FROM base\n{line}\n"));
            Assert.Contains("the path has more than 4096 characters", error.Message, StringComparison.Ordinal);
        }

        Run("/bin/sh", "-c", $"cd {build.Context} && mkdir deep && cd deep && i=0; while [ $i -lt 1100 ]; do mkdir d && cd -P d; i=$((i+1)); done");
        QuiltException deep = await Assert.ThrowsAsync<QuiltException>(() => build.RunAsync("FROM base\nCOPY deep /deep\n"));
        Assert.Contains("nested more than 1000 deep", deep.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_the_context_never_leads_out_of_it()
    {
        using TestBuild build = await TestBuild.CreateAsync();
        build.Write("etc/hostname", "of the context");
        File.CreateSymbolicLink(Path.Combine(build.Context, "out"), "/etc/hostname");
        File.CreateSymbolicLink(Path.Combine(build.Context, "up"), "../../../../../../etc");
        StoredImage image = await build.RunAsync("FROM scratch\nCOPY out /1\nCOPY up/hostname /2\n");
        Assert.Equal("of the context", TestBuild.Read(image, "1"));
        Assert.Equal("of the context", TestBuild.Read(image, "2"));
    }

    /// <summary>A folder with all below it, as it is.</summary>
    internal static void Copy(string from, string to) => Run("cp", "-a", from + "/.", to);

    internal static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error}");
    }
}
