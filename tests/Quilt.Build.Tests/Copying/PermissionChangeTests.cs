using System.Diagnostics;
using CsCheck;
using Quilt.Build.Tests.Fixtures;
using Quilt.Testing;

namespace Quilt.Build.Tests.Copying;

public sealed class PermissionChangeTests
{
    [Theory]
    [InlineData("8")]
    [InlineData("77777")]
    [InlineData("")]
    [InlineData("u")]
    [InlineData("u=q")]
    [InlineData("x=r")]
    [InlineData("u=r,")]
    public void What_is_no_change_is_none(string text) => Assert.Null(PermissionChange.TryParse(text));

    [Fact]
    public void Clauses_do_what_the_chmod_program_does()
    {
        using TemporaryFolder folder = new();
        string file = folder["f"];
        File.WriteAllText(file, "");
        Gen<string> clause = Gen.Select(Pick.From("u", "g", "o", "a", "ug", "go"), Pick.From("+", "-", "="), Pick.From("r", "w", "x", "rw", "rwX", "X", "s", "", "u", "g", "o"), (w, o, p) => w + o + p);
        Gen.Select(clause.Array[1, 3], Gen.UInt[0, 0xFFF]).Sample((clauses, mode) =>
        {
            string text = string.Join(',', clauses);
            File.SetUnixFileMode(file, (UnixFileMode)mode);
            using Process chmod = Process.Start("chmod", [text, file]);
            chmod.WaitForExit();
            Assert.Equal((uint)File.GetUnixFileMode(file), PermissionChange.TryParse(text)!.Apply(mode, isFolder: false));
        }, iter: 200, threads: 1);
    }
}
