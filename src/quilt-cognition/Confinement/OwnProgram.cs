using System.Reflection;

namespace Quilt.Cognition.Program;

/// <summary>
/// Assemblies lie in the program's file and are opened by its path when they are first needed. Where another user cannot reach it, as in
/// a source tree under /root, they are all loaded beforehand, which takes some 0.1 s; where Quilt is installed, it can.
/// </summary>
internal static class OwnProgram
{
    public static void PrepareForDrop()
    {
        if (Environment.ProcessPath is { } path && !IsReadableByAll(path))
        {
            LoadAll();
        }
    }

    private static bool IsReadableByAll(string path)
    {
        if (!File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead))
        {
            return false;
        }

        for (string? folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static void LoadAll()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        Stack<Assembly> left = new([Assembly.GetExecutingAssembly()]);
        while (left.TryPop(out Assembly? assembly))
        {
            foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(n => seen.Add(n.Name!)))
            {
                try
                {
                    left.Push(Assembly.Load(name));
                }
                catch (FileNotFoundException)
                {
                    // Named by a library for uses that are not ours.
                }
            }
        }
    }
}
