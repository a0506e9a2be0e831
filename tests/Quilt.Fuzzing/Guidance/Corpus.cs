using System.Security.Cryptography;

namespace Quilt.Fuzzing.Guidance;

/// <summary>The inputs that others are made of: those that a property names and, while coverage guides, those that have reached something new.</summary>
internal sealed class Corpus
{
    /// <summary>By their seeds, while coverage guides: some generators are made anew for each input.</summary>
    private static readonly Dictionary<string, Corpus> Shared = [];

    private readonly List<byte[]> _inputs;
    private readonly HashSet<string> _known = [];
    private readonly Queue<byte[]> _earlier = [];
    private readonly string _name;
    private GuidedRun? _run;

    private Corpus(byte[][] seeds, string name)
    {
        Seeds = seeds;
        _inputs = [.. seeds];
        _name = name;
    }

    /// <summary>Those that the property names.</summary>
    internal byte[][] Seeds { get; }

    /// <summary>What was last made of it.</summary>
    internal byte[] Last { get; private set; } = [];

    /// <summary>One of them. Where there are some that reached something new, every other time the shorter of two: what is long is read slowly, and most of it says nothing.</summary>
    /// <param name="which">Any number from 0.</param>
    internal byte[] this[int which]
    {
        get
        {
            byte[] one = _inputs[which % _inputs.Count];
            int second = which / _inputs.Count;
            byte[] other = _inputs.Count == Seeds.Length || second % 2 == 0 ? one : _inputs[second / 2 % _inputs.Count];
            return one.Length <= other.Length ? one : other;
        }
    }

    internal static Corpus Of(byte[][] seeds)
    {
        string name = NameOf(seeds);
        return !Guide.IsAsked ? new Corpus(seeds, name) : Shared.TryGetValue(name, out Corpus? known) ? known : Shared[name] = new Corpus(seeds, name);
    }

    /// <summary>Remembers what was made of it, to be kept if it reaches something new. What an earlier run has kept comes first, in place of it.</summary>
    internal byte[] Made(byte[] input)
    {
        if (GuidedRun.Present is not { } run)
        {
            return input;
        }

        if (_run != run)
        {
            _run = run;
            foreach (byte[] earlier in run.Earlier(_name).Where(Add))
            {
                _earlier.Enqueue(earlier);
            }
        }

        Last = _earlier.TryDequeue(out byte[]? first) ? first : input;
        run.Uses(this);
        return Last;
    }

    /// <returns>Whether it has not been here.</returns>
    internal bool KeepLast()
    {
        if (!Add(Last))
        {
            return false;
        }

        _run!.Findings.Keep(_name, Last);
        return true;
    }

    internal static string NameOf(params byte[][] inputs)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] input in inputs)
        {
            hash.AppendData(BitConverter.GetBytes(input.Length));
            hash.AppendData(input);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private bool Add(byte[] input)
    {
        bool isNew = _known.Add(NameOf(input));
        if (isNew)
        {
            _inputs.Add(input);
        }

        return isNew;
    }
}
