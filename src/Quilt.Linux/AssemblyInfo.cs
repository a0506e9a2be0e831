using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Quilt.Linux.Tests")]
[assembly: InternalsVisibleTo("Quilt.Unit.Tests")]
