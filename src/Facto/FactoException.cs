namespace Facto;

/// <summary>
/// Something that the person who asked can mend. The message is the whole story in one sentence: which file, line, option or
/// field, what was found, what is allowed, what to do. Programs print it without a stack trace.
/// </summary>
public class FactoException : Exception
{
    /// <summary>An error with its sentence.</summary>
    public FactoException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and the cause that a developer may want to see.</summary>
    public FactoException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
