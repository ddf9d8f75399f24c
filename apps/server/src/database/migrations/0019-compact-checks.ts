import { type Kysely, sql } from 'kysely';

/**
 * The values that a chat and a mark may have, each table's in one function. PostgreSQL reads every check constraint from
 * its stored text again for each statement that writes to the table, all of them whichever columns are written, and each
 * send writes to these two: the expressions themselves took a tenth of a single send. The new constraints are not
 * validated: what is there was held to the same rules by those that they replace.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create function is_chat_valid(
      type text, visibility text, send_setting text, add_members_setting text, edit_info_setting text,
      direct_low uuid, direct_high uuid
    ) returns boolean
    language plpgsql immutable
    as $$
    begin
      return type in ('direct', 'group') and visibility in ('private', 'public')
        and send_setting in ('all', 'admins') and add_members_setting in ('all', 'admins')
        and edit_info_setting in ('all', 'admins')
        and (type = 'direct') = (direct_low is not null and direct_high is not null);
    end $$`.execute(database);
  await sql`
    create function is_mark_status(status text) returns boolean
    language plpgsql immutable
    as $$
    begin
      return status in ('delivered', 'seen');
    end $$`.execute(database);
  await sql`
    alter table chats
      drop constraint chats_type_check,
      drop constraint chats_visibility_check,
      drop constraint chats_send_setting_check,
      drop constraint chats_add_members_setting_check,
      drop constraint chats_edit_info_setting_check,
      drop constraint chats_check,
      add constraint chats_values check (
        is_chat_valid(
          type, visibility, send_setting, add_members_setting, edit_info_setting, direct_low, direct_high
        )
      ) not valid`.execute(database);
  await sql`
    alter table mark_history
      drop constraint mark_history_status_check,
      add constraint mark_history_values check (is_mark_status(status)) not valid`.execute(
    database,
  );
}
