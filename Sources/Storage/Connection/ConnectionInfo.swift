import CPostgres

/// Where PostgreSQL is and how to log in: a URI or a list of `key=value`, in libpq's format.
package struct ConnectionInfo: Sendable, CustomStringConvertible {
    /// libpq's keywords and values, as far as they were given.
    private(set) var parameters: [(key: String, value: String)]

    /// Throws `configuration` when libpq does not understand the text.
    package init(_ text: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            defer { PQfreemem(message) }
            let reason = message.map { String(cString: $0) } ?? "out of memory"
            throw StorageError(.configuration, "the database URL is not valid: \(reason)")
        }
        defer { PQconninfoFree(options) }
        var parameters: [(key: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        self.parameters = parameters
    }

    /// The same server and login, another database.
    package func with(database name: String) -> ConnectionInfo {
        var copy = self
        copy.set("dbname", to: name)
        return copy
    }

    /// The value of a keyword of libpq, if it was given.
    package func value(of key: String) -> String? {
        parameters.last { $0.key == key }?.value
    }

    mutating func set(_ key: String, to value: String) {
        parameters.removeAll { $0.key == key }
        parameters.append((key, value))
    }

    mutating func setDefault(_ key: String, to value: String) {
        if self.value(of: key) == nil { parameters.append((key, value)) }
    }

    /// As `key='value'` pairs, which libpq takes everywhere. Holds the password: not for logs.
    package var connectionString: String {
        parameters.map { key, value in
            var quoted = ""
            for character in value {
                if character == "'" || character == "\\" { quoted.append("\\") }
                quoted.append(character)
            }
            return "\(key)='\(quoted)'"
        }.joined(separator: " ")
    }

    /// For people and logs: server and database, without the password.
    package var description: String {
        let host = value(of: "host") ?? value(of: "hostaddr") ?? "the local socket"
        let port = value(of: "port").map { ":\($0)" } ?? ""
        return "PostgreSQL at \(host)\(port), database \(value(of: "dbname") ?? "(default)")"
    }
}
