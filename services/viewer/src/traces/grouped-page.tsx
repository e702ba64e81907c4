export function ConversationsPage() {
  return null;
}
export function UsersPage() {
  return null;
}
