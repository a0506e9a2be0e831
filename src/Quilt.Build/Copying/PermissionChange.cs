using System.Globalization;
using System.Text.RegularExpressions;

namespace Quilt.Build;

/// <summary>What <c>--chmod</c> says: an octal number, or clauses as chmod(1) takes them, such as <c>u=rwX,go=rX</c>.</summary>
internal sealed partial class PermissionChange
{
    private const uint All = 0xFFF, SetUid = 0x800, SetGid = 0x400, Sticky = 0x200, Execute = 0x49, Triple = 7;
    private readonly uint? _absolute;
    private readonly List<(string Who, char Operator, string What)> _clauses = [];

    private PermissionChange(uint? absolute) => _absolute = absolute;

    /// <summary>Null where the text is neither.</summary>
    internal static PermissionChange? TryParse(string text)
    {
        if (text.Length is > 0 and <= 5 && text.All(c => c is >= '0' and <= '7'))
        {
            uint mode = Convert.ToUInt32(text, 8);
            return mode <= All ? new PermissionChange(mode) : null;
        }

        PermissionChange change = new(null);
        foreach (string clause in text.Split(','))
        {
            Match match = Clause().Match(clause);
            if (!match.Success)
            {
                return null;
            }

            foreach (Capture action in match.Groups["action"].Captures)
            {
                change._clauses.Add((match.Groups["who"].Value, action.Value[0], action.Value[1..]));
            }
        }

        return change;
    }

    internal uint Apply(uint permissions, bool isFolder)
    {
        if (_absolute is { } absolute)
        {
            return absolute;
        }

        foreach ((string who, char operation, string what) in _clauses)
        {
            // Nobody named is everybody: there is no umask in a build.
            string whom = who.Length == 0 || who.Contains('a', StringComparison.Ordinal) ? "ugo" : who;
            uint bits = 0, cleared = 0;
            foreach (char c in whom)
            {
                int shift = c switch { 'u' => 6, 'g' => 3, _ => 0 };
                bits |= Bits(what, permissions, isFolder) << shift;
                bits |= what.Contains('s', StringComparison.Ordinal) ? c switch { 'u' => SetUid, 'g' => SetGid, _ => 0 } : 0;
                bits |= what.Contains('t', StringComparison.Ordinal) && c == 'o' ? Sticky : 0;
                cleared |= (Triple << shift) | c switch { 'u' => SetUid, 'g' => SetGid, _ => Sticky };
            }

            permissions = operation switch
            {
                '+' => permissions | bits,
                '-' => permissions & ~bits,
                _ => (permissions & ~cleared) | bits,
            };
        }

        return permissions;
    }

    public override string ToString() => _absolute is { } absolute
        ? Convert.ToString(absolute, 8)
        : string.Join(',', _clauses.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Who}{c.Operator}{c.What}")));

    private static uint Bits(string what, uint permissions, bool isFolder)
    {
        uint bits = 0;
        foreach (char c in what)
        {
            bits |= c switch
            {
                'r' => 4,
                'w' => 2,
                'x' => 1,
                'X' when isFolder || (permissions & Execute) != 0 => 1,
                'u' => (permissions >> 6) & Triple,
                'g' => (permissions >> 3) & Triple,
                'o' => permissions & Triple,
                _ => 0u,
            };
        }

        return bits;
    }

    [GeneratedRegex(@"\A(?<who>[ugoa]*)(?<action>[-+=](?:[rwxXst]*|[ugo]))+\z")]
    private static partial Regex Clause();
}
