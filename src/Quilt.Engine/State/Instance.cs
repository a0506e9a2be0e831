using System.Security.Cryptography;
using System.Text;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>The short random name of one state folder. What an engine makes on the host carries it, so that engines do not meet.</summary>
internal static class Instance
{
    private const string FileName = "instance";

    internal static string ReadOrMake(string stateDir)
    {
        if (TryRead(stateDir) is { } known)
        {
            return known;
        }

        string name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        DurableFile.Write(stateDir, FileName, Encoding.UTF8.GetBytes(name));
        return name;
    }

    internal static string? TryRead(string stateDir)
    {
        try
        {
            return File.ReadAllText(Path.Combine(stateDir, FileName));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
