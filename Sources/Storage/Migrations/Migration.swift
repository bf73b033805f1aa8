import Foundation

/// One file of the migrations' folder.
struct Migration: Sendable, Equatable {
    /// The file's name without `.sql`.
    let name: String
    let script: String

    /// All migrations of a folder in order. Throws `configuration` when there is none, or when a file is not named
    /// `NNNN_verb_noun.sql`.
    static func all(in folder: String) throws -> [Migration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
        } catch {
            throw StorageError(.configuration, "the folder of migrations \(folder) cannot be read")
        }
        guard !names.isEmpty else { throw StorageError(.configuration, "there are no migrations in \(folder)") }
        return try names.enumerated().map { index, file in
            let name = String(file.dropLast(4))
            // Numbers without a gap: two branches that add the same one are noticed when they meet.
            guard name.prefix(while: \.isNumber).count == 4, Int(name.prefix(4)) == index + 1,
                name.dropFirst(4).first == "_"
            else {
                throw StorageError(
                    .configuration,
                    "\(file) should be migration number \(index + 1), as NNNN_verb_noun.sql"
                )
            }
            guard let data = FileManager.default.contents(atPath: folder + "/" + file),
                let script = String(data: data, encoding: .utf8)
            else { throw StorageError(.configuration, "\(file) cannot be read as UTF-8") }
            return Migration(name: name, script: script)
        }
    }
}
