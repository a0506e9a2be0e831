using CsCheck;

namespace Quilt.Fuzzing.Guidance;

/// <summary>
/// A property on inputs that are made of those that reached something new, so that what one byte alone opens is reached step by step. It
/// goes on after a failure: what fails is kept with its input, and each kind of it counts once.
/// </summary>
/// <param name="guided">Else what reaches something new is counted, and not used: to compare.</param>
internal sealed class GuidedRun(Findings findings, bool guided)
{
    private readonly Coverage _coverage = new();
    private readonly List<Corpus> _used = [];

    /// <summary>The one that generators make inputs for, on this thread.</summary>
    [field: ThreadStatic]
    internal static GuidedRun? Present { get; private set; }

    internal Findings Findings => findings;
    internal long Executions { get; private set; }
    internal int Edges => _coverage.Edges;

    /// <summary>How many inputs it has added to its corpora.</summary>
    internal int Kept { get; private set; }

    /// <summary>What an earlier run has kept.</summary>
    internal IEnumerable<byte[]> Earlier(string corpus) => guided ? findings.ReadCorpus(corpus) : [];

    internal void Uses(Corpus corpus)
    {
        if (!_used.Contains(corpus))
        {
            _used.Add(corpus);
        }
    }

    /// <param name="goesOn">Asked before each input.</param>
    internal void Run<T>(Gen<T> inputs, Action<T> property, PCG random, Func<bool> goesOn)
    {
        Coverage.Attach();
        Present = this;
        while (goesOn())
        {
            Try(inputs, property, random);
        }

        Present = null;
    }

    private void Try<T>(Gen<T> inputs, Action<T> property, PCG random)
    {
        _used.Clear();
        T input = inputs.Generate(random, null, out _);
        byte[][] parts = Parts(input);
        byte[] whole = InputText.Whole(input);
        findings.Begin(whole);
        Coverage.Clear();
        try
        {
            property(input);
        }
        catch (Exception e)
        {
            findings.Failed(e, whole, parts);
        }

        Executions++;
        if (_coverage.Add(parts.Sum(p => p.Length)) && guided)
        {
            Kept += _used.Count(c => c.KeepLast());
        }
    }

    /// <summary>What was made of the corpora, or else the input itself where it has bytes.</summary>
    private byte[][] Parts<T>(T input) => input switch
    {
        _ when _used.Count > 0 => [.. _used.Select(c => c.Last)],
        string text => [System.Text.Encoding.UTF8.GetBytes(text)],
        byte[] bytes => [bytes],
        _ => [],
    };
}
