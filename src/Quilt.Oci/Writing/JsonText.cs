using System.Globalization;
using System.Text;

namespace Quilt.Oci.Writing;

/// <summary>
/// A small JSON document, written in order. For what a launcher writes on its way (states, records, log lines), where setting
/// up the generated writer would take longer than the launch.
/// </summary>
public sealed class JsonText
{
    private readonly StringBuilder _text = new(256);
    private bool _first = true;

    /// <summary>Begins an object.</summary>
    public JsonText Begin()
    {
        Separate();
        _text.Append('{');
        _first = true;
        return this;
    }

    /// <summary>Begins an object that is a member of the one begun.</summary>
    public JsonText Begin(string name)
    {
        Name(name);
        _text.Append('{');
        _first = true;
        return this;
    }

    public JsonText End()
    {
        _text.Append('}');
        _first = false;
        return this;
    }

    public JsonText Add(string name, string value)
    {
        Name(name);
        Quote(value);
        return this;
    }

    public JsonText Add(string name, long value)
    {
        Name(name);
        _text.Append(value.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <param name="json">A value that is JSON already.</param>
    public JsonText AddRaw(string name, string json)
    {
        Name(name);
        _text.Append(json);
        return this;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

    public override string ToString() => _text.ToString();

    private void Separate()
    {
        if (!_first)
        {
            _text.Append(',');
        }

        _first = false;
    }

    private void Name(string name)
    {
        Separate();
        Quote(name);
        _text.Append(':');
    }

    /// <summary>RFC 8259, section 7: quotation marks, backslashes and control characters are escaped.</summary>
    private void Quote(string value)
    {
        _text.Append('"');
        foreach (char c in value)
        {
            switch (c)
            {
                case '"' or '\\':
                    _text.Append('\\').Append(c);
                    break;
                case < ' ':
                    _text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    _text.Append(c);
                    break;
            }
        }

        _text.Append('"');
    }
}
