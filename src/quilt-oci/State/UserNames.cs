using System.Globalization;
using System.Text;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>The host's user names (passwd(5)). Read here, since a statically linked C library has no name service.</summary>
internal static class UserNames
{
    /// <summary>A user's name; its number where the file has none.</summary>
    internal static string Of(uint uid)
    {
        string number = uid.ToString(CultureInfo.InvariantCulture);
        foreach (string line in Encoding.UTF8.GetString(Sys.TryReadFile("/etc/passwd") ?? []).Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && fields[2] == number)
            {
                return fields[0];
            }
        }

        return number;
    }
}
