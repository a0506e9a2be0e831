using Quilt.Launch.Child;
using Quilt.Launch.Plans;

namespace Quilt.Launch.Native;

/// <summary>Writes the plan's steps into native memory for the child, and collects the mounts that the parent has to open for it.</summary>
internal static unsafe class StepEncoder
{
    /// <param name="mounts">Receives the bind mounts in the order in which the child refers to them; place 0 is the root's.</param>
    internal static ChildStep* Encode(NativeArena arena, IReadOnlyList<SetupStep> steps, IReadOnlyList<bool> targetIsFile, List<SetupStep.BindMount> mounts)
    {
        ChildStep* encoded = arena.Allocate<ChildStep>(Math.Max(1, steps.Count));
        for (int i = 0; i < steps.Count; i++)
        {
            Encode(arena, steps[i], targetIsFile[i], mounts, &encoded[i]);
        }

        return encoded;
    }

    private static void Encode(NativeArena arena, SetupStep step, bool targetIsFile, List<SetupStep.BindMount> mounts, ChildStep* into)
    {
        into->Flags = targetIsFile ? ChildStepFlags.TargetIsFile : ChildStepFlags.None;
        switch (step)
        {
            case SetupStep.MountFilesystem mount:
                into->Op = ChildOp.MountFilesystem;
                into->Path = Inside(arena, mount.Target);
                into->Text = arena.Text(mount.Type);
                into->Attributes = (ulong)mount.Attributes;
                into->Propagation = (ulong)(mount.Propagation ?? 0);
                into->Flags |= mount.Type is "proc" or "sysfs" || mount.Target == "/dev" ? ChildStepFlags.NoSymlinks : ChildStepFlags.None;
                into->Flags |= mount.CopyUp ? ChildStepFlags.CopyUp : ChildStepFlags.None;
                into->Flags |= mount.Type == "tmpfs" && !mount.Options.Any(o => o.Key == "mode") ? ChildStepFlags.ModeOfTarget : ChildStepFlags.None;
                EncodeOptions(arena, mount.Options, into);
                break;
            case SetupStep.BindMount bind:
                into->Op = ChildOp.AttachMount;
                into->Path = Inside(arena, bind.Target);
                into->Propagation = (ulong)(bind.Propagation ?? 0);
                into->Number = (ulong)mounts.Count + 1;
                mounts.Add(bind);
                break;
            case SetupStep.MakeFile file:
                into->Op = ChildOp.MakeFile;
                into->Path = Inside(arena, file.Target);
                into->Flags = ChildStepFlags.TargetIsFile;
                break;
            case SetupStep.MakeSymlink link:
                into->Op = ChildOp.MakeSymlink;
                into->Path = Inside(arena, link.LinkPath);
                into->Text = arena.Text(link.LinkTarget);
                break;
            case SetupStep.MakeDevice device:
                into->Op = ChildOp.MakeDevice;
                into->Path = Inside(arena, device.Target);
                into->Mode = device.Mode;
                into->Number = DeviceNumber(device.Major, device.Minor);
                into->Uid = device.Uid;
                into->Gid = device.Gid;
                break;
            case SetupStep.MaskPath mask:
                into->Op = ChildOp.MaskPath;
                into->Path = Inside(arena, mask.Target);
                break;
            case SetupStep.ReadOnlyPath path:
                into->Op = ChildOp.ReadOnlyPath;
                into->Path = Inside(arena, path.Target);
                break;
            case SetupStep.WriteSysctl sysctl:
                into->Op = ChildOp.WriteSysctl;
                into->Path = arena.Text("sys/" + sysctl.Key.Replace('.', '/'));
                into->Text = arena.Text(sysctl.Value);
                break;
            case SetupStep.SetHostname host:
                into->Op = ChildOp.SetHostname;
                into->Text = arena.Text(host.Name);
                break;
            case SetupStep.SetDomainname domain:
                into->Op = ChildOp.SetDomainname;
                into->Text = arena.Text(domain.Name);
                break;
            case SetupStep.EnterGroup:
                into->Op = ChildOp.EnterGroup;
                break;
            case SetupStep.ReadOnlyMount mount:
                into->Op = ChildOp.ReadOnlyMount;
                into->Path = Inside(arena, mount.Target);
                break;
            default:
                throw new InvalidOperationException($"no encoding for {step.GetType().Name}");
        }
    }

    private static void EncodeOptions(NativeArena arena, IReadOnlyList<KeyValuePair<string, string?>> options, ChildStep* into)
    {
        into->OptionCount = options.Count;
        into->Options = (byte**)arena.Allocate<nint>(Math.Max(1, 2 * options.Count));
        for (int i = 0; i < options.Count; i++)
        {
            into->Options[2 * i] = arena.Text(options[i].Key);
            into->Options[(2 * i) + 1] = arena.Text(options[i].Value);
        }
    }

    /// <summary>Relative to the root's descriptor; '.' is the root itself.</summary>
    private static byte* Inside(NativeArena arena, string path)
    {
        string inside = path.TrimStart('/');
        return arena.Text(inside.Length == 0 ? "." : inside);
    }

    /// <summary>The kernel's 32-bit encoding of a device number (makedev(3)).</summary>
    private static ulong DeviceNumber(uint major, uint minor) =>
        (minor & 0xff) | ((major & 0xfff) << 8) | ((ulong)(minor & ~0xffu) << 12);
}
