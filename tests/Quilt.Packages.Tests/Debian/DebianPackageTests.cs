using System.Text.RegularExpressions;
using Quilt.Storage;
using Quilt.Testing;

namespace Quilt.Packages.Tests;

/// <summary>What dpkg makes of the package, on a machine that goes with the test.</summary>
public sealed partial class DebianPackageTests(DebianPackage package)
{
    private const string Install = "dpkg --install ./quilt-runtime_*.deb", Older = "0.0.1", Newer = "1000.0.0";

    [Fact]
    public async Task Installed_it_serves_upgraded_it_keeps_what_runs_removed_what_is_and_purged_nothing()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(package);
        await machine.DoAsync(Install);
        Assert.Equal("enabled\nenabled\n", await machine.DoAsync("systemctl is-enabled quilt.socket; systemctl is-enabled quilt.service"));
        Assert.Equal(["daemon-reload", "start quilt.socket", "restart quilt.service"], await AskedOfSystemdAsync(machine));
        Assert.Equal("hi\n", await machine.DoAsync("quilt run --rm -- echo hi"));
        Assert.Equal("root quilt 660 /run/quilt/quilt.sock\n700 /etc/quilt/secrets\n", await machine.DoAsync("stat -c '%U %G %a %n' /run/quilt/quilt.sock; stat -c '%a %n' /etc/quilt/secrets"));

        // Installed over itself: the daemon is another, containers and settings are the same.
        const string same = "quilt inspect --json lives | grep '\"pid\"'";
        await machine.DoAsync("quilt run -d --name lives --disk 64MiB -- sh -c 'echo kept > /word; exec sleep 1000' && quilt run -d --name other && quilt connect other lives:80");
        string running = await machine.DoAsync(same), daemon = await machine.DoAsync("cat /run/quilt.service.pid");
        await machine.DoAsync($"echo 'QUILTD_OPTIONS=\"--log-level Debug\"' > /etc/default/quilt && rm /etc/systemd/system/sockets.target.wants/quilt.socket && {Install}");
        Assert.Equal(running, await machine.DoAsync(same));
        Assert.NotEqual(daemon, await machine.DoAsync("cat /run/quilt.service.pid"));
        Assert.Contains("Debug", await machine.DoAsync("tr '\\0' ' ' < /proc/$(cat /run/quilt.service.pid)/cmdline"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await machine.RunAsync("systemctl is-enabled quilt.socket")).ExitCode);

        // Removed, with containers that run.
        await machine.DoAsync("dpkg --remove quilt-runtime");
        Assert.Equal("", await machine.DoAsync("ls -d /run/quilt /usr/lib/quilt 2>/dev/null; grep quilt /proc/mounts | grep -v ' / ' ; pgrep quilt; losetup --list --noheadings | grep /var/lib/quilt || true"));
        await machine.DoAsync("test -e /etc/default/quilt && test -e /var/lib/quilt/quilt.db");

        // And back.
        await machine.DoAsync(Install);
        Assert.Equal("exited\nkept\n", await machine.DoAsync("quilt inspect --json lives | sed -n 's/.*\"state\": *\"\\([a-z]*\\)\".*/\\1/p' | head -n 1; quilt start lives >/dev/null; quilt exec lives cat /word"));
        await machine.DoAsync("quilt rm -f lives other");

        await machine.DoAsync("dpkg --purge quilt-runtime");
        Assert.Empty(await machine.ChangedFilesAsync());
        Assert.Equal("", await machine.DoAsync("getent group quilt; ls -d /run/quilt 2>/dev/null; pgrep quilt || true"));
    }

    [Fact]
    public async Task Containers_run_on_in_an_upgrade_and_on_the_way_back_also_where_the_older_daemon_does_not_know_the_state()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(package);
        foreach (string version in (string[])[Older, Newer])
        {
            await machine.GiveAsync(await package.AsVersionAsync(version));
        }

        await InstallAsync(Older);
        await machine.DoAsync("quilt run -d --name lives --disk 64MiB -- sh -c 'echo kept > /word; exec sleep 1000'");
        string running = await PidAsync();
        await InstallAsync(Newer);
        Assert.Equal(running, await PidAsync());
        await InstallAsync(Older);
        Assert.Equal(running, await PidAsync());
        Assert.Equal("kept\n", await machine.DoAsync("quilt exec lives cat /word"));

        // As a newer version whose tables are others leaves it.
        await InstallAsync(Newer);
        await ChangeSchemaAsync("version + 1");
        await InstallAsync(Older);
        Assert.NotEqual(0, (await machine.RunAsync("quilt ps")).ExitCode);
        Assert.Contains("the state folder is of a newer Quilt", await machine.DoAsync("cat /run/quiltd.log"), StringComparison.Ordinal);
        Assert.Equal("1\n", await machine.DoAsync($"pgrep --count --parent {running.Trim()} sleep"));
        await ChangeSchemaAsync("version - 1"); // by which this daemon is the newer one
        await InstallAsync(Newer);
        Assert.Equal(running, await PidAsync());
        Assert.Equal("kept\n", await machine.DoAsync("quilt exec lives cat /word"));
        await machine.DoAsync("quilt rm -f lives && dpkg --purge quilt-runtime");

        async Task InstallAsync(string version)
        {
            await machine.DoAsync($"dpkg --install './quilt-runtime_{version}_amd64.deb'");
            Assert.Equal(version, await machine.DoAsync("dpkg-query --show --showformat '${Version}' quilt-runtime"));
        }

        Task<string> PidAsync() => machine.DoAsync("quilt inspect --json lives | sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'");

        async Task ChangeSchemaAsync(string to)
        {
            await machine.DoAsync("systemctl stop quilt.service");
            using Database state = Database.Open(machine.StateFile("quilt/quilt.db"));
            state.Write(w => w.Run($"UPDATE migration SET version = {to}"));
        }
    }

    [Fact]
    public async Task Each_link_of_its_documentation_leads_to_what_is_in_it()
    {
        using TemporaryFolder folder = new();
        ProgramRun unpacked = await ProgramRun.OfAsync("dpkg-deb", "--extract", package.File, folder.Path);
        Assert.True(unpacked.ExitCode == 0, unpacked.ToString());
        string root = folder["usr/share/doc/quilt-runtime"];
        string[] pages = [.. Directory.EnumerateFiles(root, "*.md", SearchOption.AllDirectories)];
        (string Page, string To)[] links =
        [
            .. pages.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(m => (page, Path.Combine(Path.GetDirectoryName(page)!, m.Groups[1].Value)))),
            .. pages.SelectMany(page => Named().Matches(File.ReadAllText(page)).Select(m => (page, Path.Combine(root, m.Groups[1].Value)))),
        ];
        Assert.True(links.Length > 60, $"{links.Length} links");
        Assert.All(links, l => Assert.True(Path.Exists(l.To), $"{l.Page} leads to {l.To}"));
    }

    [Fact]
    public async Task Programs_that_systemd_did_not_start_are_not_removed_while_they_run()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(package);
        await machine.DoAsync($"rmdir /run/systemd/system && {Install}");
        Assert.Equal("", await machine.DoAsync("cat /run/systemctl.log 2>/dev/null || true"));
        await machine.DoAsync("mkdir /run/systemd/system && systemctl start quilt.service && rmdir /run/systemd/system");
        ProgramRun refused = await machine.RunAsync("dpkg --remove quilt-runtime");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("run that systemd did not end", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("still\n", await machine.DoAsync("quilt run --rm -- echo still"));
        await machine.DoAsync("systemctl stop quilt.service && dpkg --purge quilt-runtime");
        Assert.Empty(await machine.ChangedFilesAsync());
    }

    [Fact]
    public async Task It_and_install_sh_do_not_install_over_each_other()
    {
        await using DebianMachine machine = await DebianMachine.StartAsync(package);
        await machine.GiveAsync(Sources.PathOf("install.sh"));
        ProgramRun refused = await machine.RunAsync($"mkdir /usr/lib/quilt && echo /usr/lib/quilt/manifest > /usr/lib/quilt/manifest && {Install}");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("installed here by install.sh", refused.Errors, StringComparison.Ordinal);
        await machine.DoAsync($"rm -r /usr/lib/quilt && rmdir /run/systemd/system && {Install}");
        refused = await machine.RunAsync("./install.sh --no-build");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("the package quilt-runtime is installed here", refused.Errors, StringComparison.Ordinal);
        refused = await machine.RunAsync("./install.sh --uninstall --purge");
        Assert.Contains("the package quilt-runtime is installed here", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_has_what_a_host_needs()
    {
        string[] files = (await ProgramRun.OfAsync("bash", "-c", $"dpkg-deb --fsys-tarfile {package.File} | tar --list")).Said.Split('\n');
        Assert.Superset(
            new HashSet<string>([
                .. ((string[])["quilt", "quiltd", "quilt-oci", "quilt-shim", "quilt-cognition", "libe_sqlite3.so"]).Select(f => $"./usr/lib/quilt/{f}"),
                .. ((string[])["quilt", "quiltd", "quilt-oci"]).Select(f => $"./usr/bin/{f}"),
                .. ((string[])["quilt.service", "quilt.socket", "quilt-containers.service"]).Select(f => $"./usr/lib/systemd/system/{f}"),
                .. ((string[])["man1/quilt.1.gz", "man8/quiltd.8.gz", "man8/quilt-oci.8.gz", "man8/quilt-shim.8.gz"]).Select(f => $"./usr/share/man/{f}"),
                "./usr/share/bash-completion/completions/quilt", "./usr/share/doc/quilt-runtime/docs/quickstart/operator.md", "./etc/default/quilt", "./etc/quilt/secrets/",
            ]),
            files.ToHashSet());
    }

    [Fact]
    public async Task It_depends_on_what_its_programs_look_for()
    {
        string needed = (await ProgramRun.OfAsync("dpkg-deb", "--field", package.File, "Depends")).Said;
        string[] programs = [.. Directory.EnumerateFiles(Sources.PathOf("src"), "*.cs", SearchOption.AllDirectories).SelectMany(f => LookedFor().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Distinct().Order()];
        Assert.Equal(["criu", "mkfs.ext4", "nft"], programs); // criu is looked at by 'quilt doctor' alone
        Assert.All(["e2fsprogs", "nftables", "libc6", "libssl3", "ca-certificates"], name => Assert.Contains(name, needed, StringComparison.Ordinal));
        Assert.Contains("quilt", (await ProgramRun.OfAsync("dpkg-deb", "--field", package.File, "Conflicts")).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_programs_make_the_same_package()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(await File.ReadAllBytesAsync(package.File, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(await DebianPackage.MakeAsync(folder.Path), TestContext.Current.CancellationToken));
    }

    private static async Task<string[]> AskedOfSystemdAsync(DebianMachine machine) => (await machine.DoAsync("cat /run/systemctl.log")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("HostProgram\\.Find\\(\"([^\"]+)\"\\)")]
    private static partial Regex LookedFor();

    [GeneratedRegex(@"\]\((?![a-z]+:)([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:docs|examples)/[\w./-]+|SPECIFICATION\.md)`")]
    private static partial Regex Named();
}
