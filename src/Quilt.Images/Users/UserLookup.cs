using System.Globalization;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Finds whom a text such as <c>www-data</c>, <c>1000</c> or <c>app:staff</c> means in an image.</summary>
public static class UserLookup
{
    /// <summary>A container has so many ids, from 0.</summary>
    public const uint IdCount = 65536;
    private const string Passwd = "etc/passwd", Group = "etc/group";
    private const int PasswdFields = 6, GroupFields = 3;

    /// <param name="layerFolders">The image's, lowest first.</param>
    /// <param name="userText">
    /// USER, UID, USER:GROUP or UID:GID; nothing before the colon is root. Digits are always a number, even where the image
    /// has a user of that name: a user named '1000' with the id 0 makes nobody root.
    /// </param>
    /// <exception cref="QuiltException">InvalidArgument for a name that the image does not have, or an id that no container has.</exception>
    public static ImageUser Find(IReadOnlyList<string> layerFolders, string userText)
    {
        using LayerView view = LayerView.Open([.. layerFolders.Reverse()]);
        return Find(path => AccountFile.Content(view, path), userText);
    }

    /// <summary>As of an image, by the files that a container has now.</summary>
    /// <inheritdoc cref="Find(IReadOnlyList{string}, string)"/>
    public static ImageUser Find(LiveRoot root, string userText) => Find(path => AccountFile.Content(root, path), userText);

    internal static ImageUser Find(Func<string, byte[]> accounts, string userText)
    {
        string[] parts = userText.Split(':');
        if (parts is not [_] and not [_, { Length: > 0 }] || userText.AsSpan().ContainsAnyInRange('\0', '\u001F'))
        {
            throw Unknown(userText, "is not USER, UID, USER:GROUP or UID:GID");
        }

        string user = parts[0].Length == 0 ? "0" : parts[0];
        string[]? account = Account(accounts, user, userText);
        uint uid = Number(account is null ? user : account[2], userText);
        (uint gid, IReadOnlyList<uint> additional) = parts.Length == 2
            ? (GroupId(accounts, parts[1], userText), [])
            : (account is null ? 0 : Number(account[3], userText), account is null ? [] : GroupsOf(accounts, account[0]));
        return new ImageUser { Uid = uid, Gid = gid, AdditionalGids = additional, Home = Home(account) };
    }

    /// <summary>The user's line; null for a number that has none.</summary>
    private static string[]? Account(Func<string, byte[]> accounts, string user, string text)
    {
        bool numeric = IsNumber(user);
        uint uid = numeric ? Number(user, text) : 0;
        string[]? found = AccountFile.Read(accounts, Passwd, PasswdFields)
            .FirstOrDefault(line => numeric ? TryNumber(line[2], out uint id) && id == uid : line[0] == user);
        return found ?? (numeric ? null : throw Unknown(text, $"names a user that the image's /{Passwd} does not have"));
    }

    private static uint GroupId(Func<string, byte[]> accounts, string group, string text)
    {
        if (IsNumber(group))
        {
            return Number(group, text);
        }

        string[] found = AccountFile.Read(accounts, Group, GroupFields).FirstOrDefault(line => line[0] == group)
            ?? throw Unknown(text, $"names a group that the image's /{Group} does not have");
        return Number(found[2], text);
    }

    private static IReadOnlyList<uint> GroupsOf(Func<string, byte[]> accounts, string name) =>
    [
        .. AccountFile.Read(accounts, Group, GroupFields)
            .Where(line => line.Length > 3 && line[3].Split(',').Contains(name) && TryNumber(line[2], out uint id) && id < IdCount)
            .Select(line => uint.Parse(line[2], CultureInfo.InvariantCulture))
            .Distinct(),
    ];

    /// <summary>It goes into the environment: what is no plain path is not taken.</summary>
    private static string Home(string[]? account) =>
        account?[5] is { } home && home.StartsWith('/') && !home.Any(char.IsControl) ? home : "/";

    private static bool IsNumber(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool TryNumber(string text, out uint id) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static uint Number(string number, string text) =>
        TryNumber(number, out uint id) && id < IdCount
            ? id
            : throw Unknown(text, $"means the id '{Text.Printable(number)}', and containers have those from 0 to {IdCount - 1}");

    private static QuiltException Unknown(string user, string why) =>
        QuiltException.Invalid("user", $"user '{Text.Printable(user)}' {why}", "give a user of the image, or numbers such as 1000:1000");
}
