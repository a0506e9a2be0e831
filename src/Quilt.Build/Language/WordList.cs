using System.Text;

namespace Quilt.Build;

/// <summary>Collects words as a text is read: spaces part them, unless quoted or escaped.</summary>
internal sealed class WordList
{
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private bool _inWord;

    /// <summary>A character that parts words where it is a space.</summary>
    internal void Add(char c)
    {
        if (char.IsWhiteSpace(c))
        {
            EndWord();
        }
        else
        {
            AddKept(c);
        }
    }

    /// <summary>A variable's value, whose spaces part words. An empty one is no word.</summary>
    internal void AddSplit(string value)
    {
        foreach (char c in value)
        {
            Add(c);
        }
    }

    internal void AddKept(char c)
    {
        _word.Append(c);
        _inWord = true;
    }

    /// <summary>What was quoted: a word even where it is empty.</summary>
    internal void AddKept(string text)
    {
        _word.Append(text);
        _inWord = true;
    }

    internal IReadOnlyList<string> Finish()
    {
        // An empty last word is none, as Docker has it.
        if (_word.Length > 0)
        {
            EndWord();
        }

        return _words;
    }

    private void EndWord()
    {
        if (_inWord)
        {
            _words.Add(_word.ToString());
            _word.Clear();
            _inWord = false;
        }
    }
}
