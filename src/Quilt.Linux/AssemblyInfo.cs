using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Quilt.Linux.Tests")]
