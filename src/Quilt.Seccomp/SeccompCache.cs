using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Seccomp;

/// <summary>Compiles each policy once: for as long as this lives, and, where a store is given, for later processes too.</summary>
public sealed class SeccompCache(SeccompStore? store = null)
{
    private readonly ConditionalWeakTable<OciSeccomp, SeccompProgram> _programs = [];
    private readonly ConcurrentDictionary<string, SeccompProgram> _loaded = new(StringComparer.Ordinal);

    public SeccompProgram Get(OciSeccomp policy) => _programs.GetValue(policy, SeccompCompiler.Compile);

    /// <summary>A configuration's filter; null where it has none.</summary>
    /// <exception cref="QuiltException">The policy is not one.</exception>
    public SeccompProgram? Get(OciLinux linux)
    {
        ReadOnlyMemory<byte> text = linux.SeccompText;
        if (store is not null && !text.IsEmpty && store.TryRead(text.Span) is { } stored)
        {
            return stored;
        }

        SeccompProgram? program = Policy(linux) is { } policy ? Get(policy) : null;
        if (store is not null && !text.IsEmpty && program is not null)
        {
            store.Write(text.Span, program);
        }

        return program;
    }

    /// <summary>A filter that was compiled before, from a file that only its owner can change.</summary>
    public SeccompProgram Load(string path) => _loaded.GetOrAdd(path, p =>
    {
        byte[] instructions = Sys.TryReadFile(p) ?? [];
        return instructions.Length > 0 && instructions.Length % 8 == 0
            ? new SeccompProgram(instructions, 0, false, [])
            : throw new QuiltException(ErrorCode.Internal, "the compiled system call filter is damaged", "remove the state folder's seccomp folder; it is made anew");
    });

    private static OciSeccomp? Policy(OciLinux linux)
    {
        try
        {
            return linux.Seccomp;
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid("linux.seccomp", $"linux.seccomp is not a policy: {e.Path ?? "$"}", "see the OCI runtime spec, config-linux.md");
        }
    }
}
