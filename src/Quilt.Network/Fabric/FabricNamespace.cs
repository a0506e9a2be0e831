using System.ComponentModel;
using System.Diagnostics;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// A network namespace of the fabric's own, in which the containers' links end. The host's has nothing of ours: no link, no route, no
/// rule, no sysctl. It is kept by a mount, so that what runs goes on while no daemon does.
/// </summary>
internal sealed class FabricNamespace : IDisposable
{
    private const string FileName = "fabric";

    // Between the containers: nobody's routes, redirects or advertisements count but ours.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("ipv4/ip_forward", "1"), ("ipv4/conf/all/accept_source_route", "0"), ("ipv4/conf/default/accept_source_route", "0"), ("ipv4/conf/all/accept_redirects", "0"),
        ("ipv4/conf/default/accept_redirects", "0"), ("ipv4/conf/all/send_redirects", "0"), ("ipv4/conf/default/send_redirects", "0"), ("ipv4/conf/all/rp_filter", "0"),
        ("ipv4/conf/default/rp_filter", "0"), ("ipv4/conf/all/arp_ignore", "8"), ("ipv4/icmp_ratelimit", "0"),
        ("ipv6/conf/all/forwarding", "1"), ("ipv6/conf/all/accept_redirects", "0"), ("ipv6/conf/default/accept_redirects", "0"), ("ipv6/conf/all/accept_ra", "0"),
        ("ipv6/conf/default/accept_ra", "0"), ("ipv6/conf/default/accept_source_route", "-1"),

        // A flow that was ended is not taken up again in its middle.
        ("netfilter/nf_conntrack_tcp_loose", "0"),
    ];

    private readonly FileDescriptor _namespace;

    private FabricNamespace(FileDescriptor @namespace, bool isNew) => (_namespace, IsNew) = (@namespace, isNew);

    /// <summary>Nothing is in it yet.</summary>
    internal bool IsNew { get; }

    /// <summary>The one that a mount keeps there; a new one where none does.</summary>
    internal static FabricNamespace OpenOrMake(string runDir)
    {
        string place = Path.Combine(runDir, FileName);
        return TryOpen(place) is { } known ? new FabricNamespace(known, isNew: false) : new FabricNamespace(Make(place), isNew: true);
    }

    /// <summary>Takes it away with all that is in it.</summary>
    internal static void Remove(string runDir)
    {
        string place = Path.Combine(runDir, FileName);
        if (Sys.Unmount(place, lazily: true))
        {
            File.Delete(place);
        }
    }

    internal NetlinkSocket OpenNetlink(NetlinkProtocol protocol) => NetlinkSocket.Open(protocol, _namespace);

    /// <summary>What the work opens belongs to the fabric's namespace.</summary>
    internal T Run<T>(Func<T> work) => NamespaceThread.Run(_namespace, work);

    /// <summary>Sets what is not as we want it: a module's settings come with the module.</summary>
    internal void Configure() => Run(() =>
    {
        foreach ((string name, string value) in Settings)
        {
            string path = $"/proc/sys/net/{name}";
            if (File.Exists(path))
            {
                File.WriteAllText(path, value);
            }
        }

        return true;
    });

    /// <summary>Loads a ruleset by nft(8): all of it or nothing.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: there is no nft, or it refuses.</exception>
    internal void Load(string ruleset)
    {
        string program = HostProgram.Find("nft")
            ?? throw new QuiltException(ErrorCode.FailedPrecondition, "containers cannot be connected: the program 'nft' is missing", "install the package nftables");
        ProcessStartInfo command = new(program, ["-f", "-"]) { RedirectStandardInput = true, RedirectStandardError = true, UseShellExecute = false };
        using Process nft = Start(command);
        nft.StandardInput.Write(ruleset);
        nft.StandardInput.Close();
        string errors = nft.StandardError.ReadToEnd();
        nft.WaitForExit();
        if (nft.ExitCode != 0)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"containers cannot be connected: nft refuses our rules: {errors.Trim()}", "check that the kernel has nf_tables and nf_conntrack, and nft is 1.0.6 or newer");
        }
    }

    public void Dispose() => _namespace.Dispose();

    private Process Start(ProcessStartInfo command)
    {
        try
        {
            return Run(() => Process.Start(command)!);
        }
        catch (Win32Exception e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"containers cannot be connected: '{command.FileName}' cannot be run: {e.Message}", "repair or reinstall the package nftables", null, e);
        }
    }

    private static FileDescriptor? TryOpen(string place)
    {
        try
        {
            FileDescriptor file = Sys.Open(place, OpenMode.ReadOnly);
            if (Sys.IsNamespace(file, NamespaceKind.Network))
            {
                return file;
            }

            file.Dispose();
            return null;
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    private static FileDescriptor Make(string place)
    {
        File.WriteAllBytes(place, []);
        using FileDescriptor host = Sys.Open("/proc/self/ns/net", OpenMode.ReadOnly);
        return NamespaceThread.Run(host, () =>
        {
            Sys.Unshare(NamespaceKind.Network);
            const string own = "/proc/thread-self/ns/net";
            FileDescriptor made = Sys.Open(own, OpenMode.ReadOnly);
            try
            {
                using FileDescriptor mount = Sys.OpenTreeClone(own, recursive: false), on = Sys.Open(place, OpenMode.Path);
                Sys.MoveMount(mount, on);
                return made;
            }
            catch
            {
                made.Dispose();
                throw;
            }
        });
    }
}
