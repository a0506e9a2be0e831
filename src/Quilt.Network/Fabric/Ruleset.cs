using System.Security.Cryptography;
using System.Text;

namespace Quilt.Network;

/// <summary>The fabric's rules, as nft(8) reads them.</summary>
internal sealed class Ruleset
{
    private const string Resource = "quilt.nft";
    private readonly string _rules;

    internal Ruleset(AddressPool pool)
    {
        using Stream resource = typeof(Ruleset).Assembly.GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(resource);
        _rules = $"define own6 = {pool.Own6}\n{reader.ReadToEnd()}";
        Mark = $"rules_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_rules)).AsSpan(0, 8))}";
    }

    /// <summary>The name of a set that is in these rules alone, and not in those of another version.</summary>
    internal string Mark { get; }

    /// <summary>In place of whichever there are.</summary>
    internal string Text => $"table inet {SetElements.Table}\ndelete table inet {SetElements.Table}\n{_rules}\nadd set inet {SetElements.Table} {Mark} {{ type ipv4_addr; }}\n";
}
