using System.Reflection;
using System.Runtime.InteropServices;
using CsCheck;

namespace Quilt.Linux.Tests.Files;

public sealed class FileNameTests
{
    // Bytes that UTF-8 puts together, and those that it does not.
    private static readonly byte[][] Parts =
    [
        [0xC3], [0xA9], [0xED, 0xA0, 0x80], [0xED, 0xB2, 0x80], [0xC0, 0xAE], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x80], [(byte)'.'], [(byte)'/'], [0xFF], [0xEF, 0xBF, 0xBD],
    ];

    private static readonly Gen<byte[]> Bytes = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Int[0, Parts.Length - 1].Array[0, 8].Select(parts => parts.SelectMany(p => Parts[p]).ToArray()));

    [Fact]
    public void Any_bytes_become_text_and_the_same_bytes_again() => Bytes.Sample(bytes =>
    {
        string name = FileName.FromBytes(bytes);
        Assert.Equal(bytes, FileName.ToBytes(name));
        Assert.Equal(bytes.Length, FileName.ByteCount(name));
    });

    [Fact]
    public void What_decides_where_a_path_leads_is_made_of_its_own_bytes_alone() => Bytes.Sample(bytes =>
        Assert.Equal(bytes.Where(b => b < 0x80).Select(b => (char)b), FileName.FromBytes(bytes).Where(char.IsAscii)));

    /// <summary>Parts of a path that were names by themselves are the same names when they are put together.</summary>
    [Fact]
    public void A_path_of_names_is_taken_apart_into_the_same_names() => Bytes.Where(b => !b.Contains((byte)'/')).Array[1, 4].Sample(names =>
    {
        string path = string.Join('/', names.Select(n => FileName.FromBytes(n)));
        Assert.Equal(names.SelectMany((n, i) => i == 0 ? n : [(byte)'/', .. n]), FileName.ToBytes(path));
        Assert.Equal(names, path.Split('/').Select(FileName.ToBytes));
    });

    /// <summary>What the marshaller of .NET makes of them is U+FFFD: one name of many.</summary>
    [Fact]
    public void Every_name_that_is_given_to_the_kernel_is_given_as_its_bytes()
    {
        foreach (MethodInfo call in typeof(LibC).GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
        {
            // Words of a command are no names.
            if (call.GetCustomAttribute<LibraryImportAttribute>() is { } import && call.GetParameters().Any(p => p.ParameterType == typeof(string)) && !call.GetParameters().Any(p => p.ParameterType == typeof(string[])))
            {
                Assert.True(import.StringMarshallingCustomType == typeof(FileNameMarshaller), call.Name);
            }
        }
    }
}
