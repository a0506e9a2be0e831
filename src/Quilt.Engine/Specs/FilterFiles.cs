using System.Collections.Concurrent;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Seccomp;

namespace Quilt.Engine;

/// <summary>The compiled system call filters, one for each set of capabilities, in files that the shims only load.</summary>
internal sealed class FilterFiles
{
    private readonly ConcurrentDictionary<string, string> _paths = new(StringComparer.Ordinal);
    private readonly string _folder;

    internal FilterFiles(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        DurableFile.RemoveAbandoned(folder);
    }

    /// <returns>The file's absolute path.</returns>
    internal string For(IReadOnlyList<string> capabilities) => _paths.GetOrAdd(string.Join(' ', capabilities.Order(StringComparer.Ordinal)), _ => Compile(capabilities));

    private string Compile(IReadOnlyList<string> capabilities)
    {
        byte[] filter = SeccompCompiler.Compile(DefaultProfile.Build(new HashSet<string>(capabilities, StringComparer.Ordinal))).Instructions;

        // By its content: containers that were made with another profile, by another version, keep theirs.
        string name = Digest.Compute(filter).Hex + ".bpf", path = Path.Combine(_folder, name);
        if (!File.Exists(path))
        {
            DurableFile.Write(_folder, name, filter);
        }

        return path;
    }
}
