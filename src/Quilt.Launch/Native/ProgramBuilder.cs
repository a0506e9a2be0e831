using System.Runtime.InteropServices;
using System.Text;
using Quilt.Core;
using Quilt.Launch.Child;
using Quilt.Launch.Parent;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Seccomp;

namespace Quilt.Launch.Native;

/// <summary>Fills the part of a child's program that confines and executes; the same for a container's process and an exec.</summary>
internal static unsafe class ProgramBuilder
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    internal static ChildProgram* Build(NativeArena arena, OciProcess process, OciLinux linux, ProcessStdio stdio, SeccompProgram? seccomp)
    {
        ChildProgram* program = arena.Allocate<ChildProgram>();
        program->StartListener = -1;
        program->FirstClosedFd = 3;
        program->Stdin = stdio.Stdin.Number;
        program->Stdout = stdio.Stdout.Number;
        program->Stderr = stdio.Stderr.Number;
        program->Terminal = process.Terminal ? 1 : 0;
        if (process.ConsoleSize is { } size)
        {
            program->Rows = (ushort)size.Height;
            program->Columns = (ushort)size.Width;
        }

        SetIdentity(arena, program, process, linux);
        SetCommand(arena, program, process);
        if (seccomp is not null)
        {
            SetSeccomp(arena, program, seccomp);
        }

        return program;
    }

    private static void SetIdentity(NativeArena arena, ChildProgram* program, OciProcess process, OciLinux linux)
    {
        program->HasUserNamespace = linux.Namespaces.Any(n => n.Type == "user") ? 1 : 0;
        program->Uid = process.User.Uid;
        program->Gid = process.User.Gid;
        program->GroupCount = process.User.AdditionalGids.Count;
        program->Groups = arena.Allocate<uint>(Math.Max(1, program->GroupCount));
        for (int i = 0; i < program->GroupCount; i++)
        {
            program->Groups[i] = process.User.AdditionalGids[i];
        }

        program->Umask = process.User.Umask ?? 0x12; // 0022
        OciCapabilities capabilities = process.Capabilities ?? new OciCapabilities();
        program->CapBounding = Capabilities.Mask(capabilities.Bounding);
        program->CapPermitted = Capabilities.Mask(capabilities.Permitted);
        program->CapInheritable = Capabilities.Mask(capabilities.Inheritable);
        program->CapEffective = Capabilities.Mask(capabilities.Effective);
        // Raising an ambient capability needs it permitted and inheritable (capabilities(7)).
        program->CapAmbient = Capabilities.Mask(capabilities.Ambient) & program->CapPermitted & program->CapInheritable;
        program->LastCapability = Capabilities.Last;
        program->NoNewPrivileges = process.NoNewPrivileges ? 1 : 0;
        program->Personality = PersonalityOf(linux.Personality);

        if (!string.IsNullOrEmpty(process.ApparmorProfile))
        {
            SecurityModules.RequireAppArmor();
            program->LsmAttribute = arena.Text(Directory.Exists("/proc/self/attr/apparmor") ? "attr/apparmor/exec" : "attr/exec");
            program->LsmLabel = arena.Text("exec " + process.ApparmorProfile);
        }
        else if (!string.IsNullOrEmpty(process.SelinuxLabel))
        {
            SecurityModules.RequireSelinux();
            program->LsmAttribute = arena.Text("attr/exec");
            program->LsmLabel = arena.Text(process.SelinuxLabel);
        }
    }

    internal static void SetKeyring(NativeArena arena, ChildProgram* program, OciLinux linux)
    {
        program->NewKeyring = 1;
        program->KeyringName = linux.Namespaces.Any(n => n is { Type: "user", Path: null or "" }) ? arena.Text("_ses.quilt") : null;
    }

    /// <summary>For a process that others see before it executes anything, or that never does.</summary>
    internal static void SetOwnArguments(ChildProgram* program)
    {
        (nint start, nint end) = OwnArguments.Area;
        program->ArgumentsStart = (byte*)start;
        program->ArgumentsEnd = (byte*)end;
    }

    private static uint PersonalityOf(OciPersonality? asked)
    {
        if (asked is null)
        {
            return 0;
        }

        if (!Personality.TryDomain(asked.Domain, out uint bits))
        {
            throw QuiltException.Invalid("linux.personality.domain", $"execution domain '{asked.Domain}' is unknown", "use LINUX or LINUX32");
        }

        foreach (string name in asked.Flags)
        {
            bits |= Personality.TryFlag(name, out uint flag)
                ? flag
                : throw QuiltException.Invalid("linux.personality.flags", $"personality flag '{name}' is unknown", "see personality(2)");
        }

        return bits;
    }

    private static void SetCommand(NativeArena arena, ChildProgram* program, OciProcess process)
    {
        program->Cwd = arena.Text(process.Cwd);
        program->Argv = arena.Texts(process.Args);
        program->Envp = arena.Texts(process.Env);
        string[] candidates = process.Args.Count == 0 ? [] : Candidates(process.Args[0], process.Env);
        program->CandidateCount = candidates.Length;
        program->Candidates = arena.Texts(candidates);
    }

    /// <summary>
    /// Engines leave HOME to the runtime (Docker does): the child looks its user up in the container's own passwd file and
    /// writes it into the room made here.
    /// </summary>
    internal static void SetHome(NativeArena arena, ChildProgram* program, OciProcess process)
    {
        const string name = "HOME=";
        const int room = 4096;
        if (process.Env.Any(e => e.StartsWith(name, StringComparison.Ordinal) && e.Length > name.Length))
        {
            return;
        }

        string[] others = [.. process.Env.Where(e => e != name)];
        program->Envp = arena.Texts([.. others, name + new string('\0', room)]);
        program->Home = program->Envp[others.Length];
        program->HomeRoom = room;
    }

    /// <summary>Where to look for the command, in order, as execvp(3) does, but with the container's PATH.</summary>
    private static string[] Candidates(string command, IReadOnlyList<string> environment)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return [command];
        }

        string path = environment.LastOrDefault(e => e.StartsWith("PATH=", StringComparison.Ordinal))?["PATH=".Length..] ?? DefaultPath;
        return [.. path.Split(':').Select(folder => folder.Length == 0 ? "./" + command : folder.TrimEnd('/') + "/" + command)];
    }

    private static void SetSeccomp(NativeArena arena, ChildProgram* program, SeccompProgram seccomp)
    {
        ReadOnlySpan<byte> instructions = seccomp.Instructions;
        SockFprog* filter = arena.Allocate<SockFprog>();
        filter->Count = (ushort)(instructions.Length / 8);
        filter->Filter = arena.Bytes(instructions);
        program->SeccompFilter = filter;
        program->SeccompFlags = seccomp.Flags;
        program->SeccompNotify = seccomp.NeedsListener ? 1 : 0;
    }

    /// <summary>struct sock_fprog (linux/filter.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SockFprog
    {
        internal ushort Count;
        internal void* Filter;
    }
}
