namespace Quilt.Examples;

/// <summary>What the agent calls its things.</summary>
internal static class Names
{
    internal const string Session = "dev", Database = "dev-db", Web = "dev-web", Data = "dev-data", DatabaseImage = "dev-db:1", WebImage = "dev-web:1";
    internal const int DatabasePort = 5432, WebPort = 3000;
}
