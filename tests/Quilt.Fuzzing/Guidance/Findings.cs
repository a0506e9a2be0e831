using System.Globalization;
using System.Text;

namespace Quilt.Fuzzing.Guidance;

/// <summary>
/// What a run of one property leaves in a folder: 'corpus' with what has reached something new, 'crashes' with the inputs that failed,
/// each whole ('.input', of InputText), in the parts that were made of corpora, and beside its reason, and 'running' with the input under way, which is all that tells of one that ends the process.
/// </summary>
internal sealed class Findings : IDisposable
{
    /// <summary>Looked at so often, and so many times: nothing that a property reads takes a hundredth of it. A machine that stands still for a while is looked at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private const int Patience = 4;

    private readonly string _folder;
    private readonly HashSet<string> _kinds = [];
    private readonly FileStream _running;
    private readonly Timer _watch;
    private long _inputs, _looked;
    private int _stuck;

    /// <param name="hangs">Called once, from elsewhere, when an input takes too long; it has been kept then.</param>
    internal Findings(string folder, Action hangs)
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "corpus"));
        Directory.CreateDirectory(Path.Combine(folder, "crashes"));
        _running = new FileStream(Path.Combine(folder, "running"), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _watch = new Timer(_ => Watch(hangs), null, Interval, Interval);
    }

    internal int Crashes => _kinds.Count;

    /// <summary>Ends the watch. A run that ended in order leaves no input under way.</summary>
    public void Dispose()
    {
        _watch.Dispose();
        _running.Dispose();
        File.Delete(_running.Name);
    }

    internal IEnumerable<byte[]> ReadCorpus(string name) =>
        Directory.Exists(CorpusOf(name)) ? Directory.EnumerateFiles(CorpusOf(name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];

    internal void Keep(string name, byte[] input)
    {
        Directory.CreateDirectory(CorpusOf(name));
        File.WriteAllBytes(Path.Combine(CorpusOf(name), Corpus.NameOf(input)), input);
    }

    /// <param name="whole">Of <see cref="InputText.Whole"/>.</param>
    internal void Begin(byte[] whole)
    {
        _running.Position = 0;
        _running.Write(whole);
        _running.SetLength(whole.Length);
        Volatile.Write(ref _inputs, _inputs + 1);
    }

    /// <summary>Two are of one kind where they are thrown at one place of the code.</summary>
    internal void Failed(Exception failure, byte[] whole, byte[][] parts)
    {
        string place = failure.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Quilt.", StringComparison.Ordinal)) ?? "";
        if (_kinds.Add($"{failure.GetType()} {place}"))
        {
            Save(failure.ToString(), whole, parts);
        }
    }

    private string CorpusOf(string name) => Path.Combine(_folder, "corpus", name);

    private void Save(string reason, byte[] whole, byte[][] parts)
    {
        string name = Path.Combine(_folder, "crashes", Corpus.NameOf(whole));
        File.WriteAllText(name + ".txt", reason, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.WriteAllBytes(name + ".input", whole);
        for (int i = 0; i < parts.Length; i++)
        {
            File.WriteAllBytes(string.Create(CultureInfo.InvariantCulture, $"{name}.{i}"), parts[i]);
        }
    }

    private void Watch(Action hangs)
    {
        long inputs = Volatile.Read(ref _inputs);
        _stuck = inputs == _looked ? _stuck + 1 : 0;
        _looked = inputs;
        if (_stuck == Patience)
        {
            hangs();
        }
    }
}
