using System.Globalization;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>
/// The host user and group ids of this engine's containers: 65,536 for each, none of them anybody else's. Engines of one host
/// divide them into blocks; a file of the block's number in a folder of the host's says whose it is. They are kept over
/// restarts of the host: writable layers on the disk are owned by them.
/// </summary>
internal sealed class HostIdBlocks : IDisposable
{
    internal const uint IdsPerContainer = 65536;

    // The kernel finds a user by the lower bits of the number (kernel/user.c): all containers' roots would be in one long list of it.
    private const uint Stride = IdsPerContainer + 1;

    // Above what useradd, subuid files and systemd give out (UIDS-GIDS.md of systemd), below the reserved last ids.
    private const uint First = 0x7000_0000, Last = 0xFFFE_0000;
    private const int PerBlock = 256;
    private const int Blocks = (int)((Last - First) / Stride / PerBlock);

    private readonly Lock _lock = new();
    private readonly string _folder, _owner;
    private readonly SortedSet<int> _blocks = [];
    private readonly HashSet<uint> _taken = [];
    private readonly Queue<uint> _free = new();

    /// <param name="stateDir">Whose the claims are: they hold as long as it is there with this instance id in it.</param>
    internal HostIdBlocks(string claimsFolder, string stateDir, string instance)
    {
        _folder = claimsFolder;
        _owner = $"{instance} {stateDir}";
        using FileLock claiming = FileLock.TakeFolder(claimsFolder); // a claim that is listed may be given back before it is read
        foreach (string claim in Directory.EnumerateFiles(claimsFolder, "*.block"))
        {
            if (File.ReadAllText(claim) == _owner)
            {
                Own(NumberOf(claim));
            }
        }
    }

    /// <summary>Marks what a container of the database has.</summary>
    internal void Reserve(uint hostIdBase)
    {
        lock (_lock)
        {
            _taken.Add(hostIdBase);
        }
    }

    /// <returns>The first of the ids.</returns>
    /// <exception cref="QuiltException">ResourceExhausted: there are no more containers' worth of ids on this host.</exception>
    internal uint Take()
    {
        lock (_lock)
        {
            while (true)
            {
                while (_free.TryDequeue(out uint candidate))
                {
                    if (_taken.Add(candidate))
                    {
                        return candidate;
                    }
                }

                Own(Claim());
            }
        }
    }

    internal void Give(uint hostIdBase)
    {
        lock (_lock)
        {
            _taken.Remove(hostIdBase);
            _free.Enqueue(hostIdBase);
        }
    }

    /// <summary>Gives the blocks back where no container is left that needs them.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_taken.Count > 0)
            {
                return;
            }

            using FileLock claiming = FileLock.TakeFolder(_folder);
            foreach (int block in _blocks)
            {
                File.Delete(PathOf(block));
            }

            Sys.TryRemoveDirectory(_folder, out _); // where no other engine claims anything
        }
    }

    private void Own(int block)
    {
        _blocks.Add(block);
        for (int i = 0; i < PerBlock; i++)
        {
            _free.Enqueue(First + (uint)((block * PerBlock) + i) * Stride);
        }
    }

    private int Claim()
    {
        using FileLock claiming = FileLock.TakeFolder(_folder);
        for (int block = 0; block < Blocks; block++)
        {
            if (!_blocks.Contains(block) && !IsClaimed(PathOf(block)))
            {
                DurableFile.Write(_folder, Path.GetFileName(PathOf(block)), System.Text.Encoding.UTF8.GetBytes(_owner));
                return block;
            }
        }

        throw new QuiltException(ErrorCode.ResourceExhausted, "this host's user ids for containers are all in use", "remove containers, here or of another quiltd on this host");
    }

    /// <summary>A claim is void when its owner's state is gone, or is another's by now.</summary>
    private static bool IsClaimed(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        string[] owner = File.ReadAllText(path).Split(' ', 2);
        return owner.Length == 2 && Instance.TryRead(owner[1]) == owner[0];
    }

    private string PathOf(int block) => Path.Combine(_folder, block.ToString("D3", CultureInfo.InvariantCulture) + ".block");

    private static int NumberOf(string path) => int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
}
