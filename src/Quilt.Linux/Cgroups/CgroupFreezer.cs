using System.Text;

namespace Quilt.Linux;

/// <summary>
/// Stops every process of a group, and lets them go on. Its files are opened before anything is stopped: what stands still goes on
/// however little the host has left meanwhile.
/// </summary>
public sealed class CgroupFreezer : IDisposable
{
    private readonly string _path;
    private readonly FileDescriptor _control;
    private readonly FileDescriptor? _state;
    private readonly (string Frozen, string Thawed) _words;

    private CgroupFreezer(string path, string? state, (string Frozen, string Thawed) words)
    {
        (_path, _words) = (path, words);
        _control = Sys.Open(path, state is null ? OpenMode.ReadWrite : OpenMode.WriteOnly);
        try
        {
            _state = state is null ? null : Sys.Open(state, OpenMode.ReadOnly);
        }
        catch
        {
            _control.Dispose();
            throw;
        }
    }

    /// <summary>What is written is read back from the same file.</summary>
    internal static CgroupFreezer OfV1(string folder) => new($"{folder}/freezer.state", null, ("FROZEN", "THAWED"));

    internal static CgroupFreezer OfV2(string folder) => new($"{folder}/cgroup.freeze", $"{folder}/cgroup.events", ("1", "0"));

    /// <summary>Returns when it is so. What cannot be stopped goes on.</summary>
    /// <exception cref="SyscallException">ENODEV: the group is gone; EBUSY: not within five seconds.</exception>
    public void Set(bool frozen)
    {
        try
        {
            Put(frozen ? _words.Frozen : _words.Thawed);
        }
        catch (SyscallException) when (frozen)
        {
            TryThaw();
            throw;
        }
    }

    /// <summary>After a failure that is told instead of its own.</summary>
    private void TryThaw()
    {
        try
        {
            Write(_words.Thawed);
        }
        catch (SyscallException)
        {
            // Of a group that is gone nothing stands still.
        }
    }

    public void Dispose()
    {
        _control.Dispose();
        _state?.Dispose();
    }

    private void Put(string word)
    {
        Write(word);
        CgroupFiles.Await(
            () =>
            {
                if (Read() == word)
                {
                    return true;
                }

                if (_state is null)
                {
                    Write(word); // v1 may stop half-way ('FREEZING') while processes fork; writing again goes on
                }

                return false;
            },
            _path);
    }

    private void Write(string word) => Sys.Write(_control, Encoding.ASCII.GetBytes(word), _path);

    private string Read()
    {
        FileDescriptor file = _state ?? _control;
        Sys.Rewind(file);
        string text = Encoding.ASCII.GetString(Sys.ReadFile(file, _path));
        return _state is null ? text.Trim() : CgroupFiles.KeyOf(text, "frozen") == 1 ? _words.Frozen : _words.Thawed;
    }
}
